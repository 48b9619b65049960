// Plain requests over real sockets.
#include "integration/http/server_fixture.hpp"

namespace seendr::http {
namespace {

TEST_F(ServerTest, AnswersARequestWithTheHeadersEveryResponseHas) {
  add_get("/hello", "world");
  options.headers = {{"X-Content-Type-Options", "nosniff"}};

  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    const ClientResponse response = co_await client.get("/hello");

    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "world");
    EXPECT_EQ(response.headers.get("Content-Length"), "5");
    EXPECT_EQ(response.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_TRUE(response.headers.get("Date").ends_with(" GMT"));
    EXPECT_EQ(response.headers.get("X-Request-Id").size(), 16U);
    EXPECT_FALSE(response.headers.has("Server"));
  });
}

TEST_F(ServerTest, KeepsTheConnectionBetweenRequests) {
  add_get("/hello", "world");

  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    for (int i = 0; i < 3; ++i) {
      const ClientResponse response = co_await client.get("/hello");
      EXPECT_EQ(response.body, "world");
      EXPECT_TRUE(response.keeps_alive);
    }
    EXPECT_EQ(server().connections(), 1U);
  });
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  router.add(Method::get, "/wait/{ms}", [](Request request) -> awaitable<Response> {
    const std::string ms(*request.param("ms"));
    co_await sleep_for(Millis(std::stoi(ms)));
    co_return text(200, ms);
  });

  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    std::string requests;
    for (const std::string ms : {"60", "1", "30", "2"}) {
      requests += "GET /wait/" + ms + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }
    co_await client.send_raw(requests);

    std::string order;
    for (int i = 0; i < 4; ++i) {
      const ClientResponse response = co_await client.read_response(false);
      order += response.body + " ";
    }
    EXPECT_EQ(order, "60 1 30 2 ");
  });
}

TEST_F(ServerTest, ClosesAfterTheResponseWhenAskedTo) {
  add_get("/hello", "world");

  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    co_await client.send_raw("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const ClientResponse response = co_await client.read_response(false);
    const bool ended = co_await client.at_end();

    EXPECT_EQ(response.headers.get("Connection"), "close");
    EXPECT_TRUE(ended);
  });
}

TEST_F(ServerTest, SpeaksHttp10WithAndWithoutKeepAlive) {
  add_get("/hello", "world");

  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    co_await client.send_raw("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const ClientResponse kept = co_await client.read_response(false);
    co_await client.send_raw("GET /hello HTTP/1.0\r\n\r\n");
    const ClientResponse last = co_await client.read_response(false);
    const bool ended = co_await client.at_end();

    EXPECT_EQ(kept.headers.get("Connection"), "keep-alive");
    EXPECT_EQ(last.body, "world");
    EXPECT_TRUE(ended);
  });
}

TEST_F(ServerTest, AnswersHeadLikeGetWithoutTheBody) {
  add_get("/hello", "world");

  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    const ClientResponse head = co_await client.request(std::string("HEAD"), std::string("/hello"),
                                                        Headers(), std::string());
    const ClientResponse after = co_await client.get("/hello");

    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.headers.get("Content-Length"), "5");
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(after.body, "world");
  });
}

TEST_F(ServerTest, TellsTheMethodsOfAPath) {
  add_get("/hello", "world");

  run_server([this]() -> awaitable<void> {
    const ClientResponse wrong = co_await exchange("DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    const ClientResponse options_answer =
        co_await exchange("OPTIONS /hello HTTP/1.1\r\nHost: x\r\n\r\n");

    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.headers.get("Allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(options_answer.status, 204);
    EXPECT_EQ(options_answer.headers.get("Allow"), "GET, HEAD, OPTIONS");
  });
}

TEST_F(ServerTest, ReadsABodyInOnePieceInChunksAndByteByByte) {
  add_echo("/echo");

  run_server([this]() -> awaitable<void> {
    const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    const ClientResponse whole = co_await exchange(head + "Content-Length: 7\r\n\r\n{\"a\":1}");
    const ClientResponse chunked = co_await exchange(
        head +
        "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4;x=y\r\n\":1}\r\n0\r\nTrailer: t\r\n\r\n");
    Client slow = co_await connect();
    const std::string bytes = head + "Content-Length: 2\r\n\r\n[]";
    for (const char byte : bytes) co_await slow.send_raw(std::string(1, byte));
    const ClientResponse sliced = co_await slow.read_response(false);

    EXPECT_EQ(whole.body, "{\"a\":1}");
    EXPECT_EQ(chunked.body, "{\"a\":1}");
    EXPECT_EQ(sliced.body, "[]");
  });
}

TEST_F(ServerTest, SaysContinueBeforeABodyItWants) {
  add_echo("/echo");

  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    co_await client.send_raw(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    const ClientResponse interim = co_await client.read_response(true);
    co_await client.send_raw("[]");
    const ClientResponse response = co_await client.read_response(false);

    EXPECT_EQ(interim.status, 100);
    EXPECT_EQ(response.body, "[]");
  });
}

TEST_F(ServerTest, DoesNotSayContinueToABodyItRefuses) {
  add_echo("/echo");

  run_server([this]() -> awaitable<void> {
    const ClientResponse response = co_await exchange(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");

    EXPECT_EQ(response.status, 413);
  });
}

TEST_F(ServerTest, AsksTheRouteBeforeItReadsABody) {
  RouteOptions gated;
  gated.admit = [](Request request) -> awaitable<std::optional<Response>> {
    if (request.headers.get("X-Key") == "open") co_return std::nullopt;
    if (request.headers.get("X-Key") == "bent") throw std::runtime_error("no such lock");
    co_return text(403, "not you");
  };
  add_echo("/echo", gated);

  run_server([this]() -> awaitable<void> {
    const std::string head =
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\nExpect: 100-continue\r\n";
    const ClientResponse refused = co_await exchange(head + "\r\n");
    const ClientResponse failed = co_await exchange(head + "X-Key: bent\r\n\r\n");
    Client client = co_await connect();
    co_await client.send_raw(head + "X-Key: open\r\n\r\n");
    const ClientResponse interim = co_await client.read_response(true);
    co_await client.send_raw("[]");
    const ClientResponse echoed = co_await client.read_response(false);

    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.body, "not you");
    EXPECT_FALSE(refused.keeps_alive);
    EXPECT_EQ(failed.status, 500);
    EXPECT_EQ(interim.status, 100);
    EXPECT_EQ(echoed.body, "[]");
    EXPECT_TRUE(echoed.keeps_alive);
  });
}

TEST_F(ServerTest, EchoesASafeRequestIdAndReplacesAnotherOne) {
  add_get("/hello", "world");

  run_server([this]() -> awaitable<void> {
    const ClientResponse safe =
        co_await exchange("GET /hello HTTP/1.1\r\nHost: x\r\nX-Request-Id: a-1._B\r\n\r\n");
    const ClientResponse unsafe =
        co_await exchange("GET /hello HTTP/1.1\r\nHost: x\r\nX-Request-Id: a b\r\n\r\n");

    EXPECT_EQ(safe.headers.get("X-Request-Id"), "a-1._B");
    EXPECT_EQ(unsafe.headers.get("X-Request-Id").size(), 16U);
  });
}

TEST_F(ServerTest, TurnsAnExceptionInto500AndGoesOn) {
  add_get("/hello", "world");
  router.add(Method::get, "/bug", [](Request) -> awaitable<Response> {
    throw std::runtime_error("secret detail");
    co_return Response();
  });

  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    const ClientResponse failed = co_await client.get("/bug");
    const ClientResponse after = co_await client.get("/hello");

    EXPECT_EQ(failed.status, 500);
    EXPECT_NE(failed.body.find("\"code\":\"internal\""), std::string::npos);
    EXPECT_EQ(failed.body.find("secret"), std::string::npos);
    EXPECT_EQ(after.status, 200);
  });
}

TEST_F(ServerTest, AsksTheMapperWhatABrokenDependencyMeans) {
  router.add(Method::get, "/late", [](Request) -> awaitable<Response> {
    throw system_error(make_error_code(boost::system::errc::timed_out));
    co_return Response();
  });
  options.map_error = [](const system_error& error) -> std::optional<Problem> {
    if (error.code() != boost::system::errc::timed_out) return std::nullopt;
    return Problem{503, "overloaded", "Try again.", {{"Retry-After", "1"}}};
  };

  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    const ClientResponse response = co_await client.get("/late");

    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.headers.get("Retry-After"), "1");
  });
}

TEST_F(ServerTest, BelievesForwardedHeadersOfATrustedProxyOnly) {
  router.add(Method::get, "/me", [](Request request) -> awaitable<Response> {
    co_return text(200, request.remote_address + (request.secure ? " https" : " http"));
  });
  const std::string request =
      "GET /me HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 9.9.9.9, 203.0.113.7\r\n"
      "X-Forwarded-Proto: https\r\n\r\n";

  run_server([&]() -> awaitable<void> {
    const ClientResponse response = co_await exchange(request);
    EXPECT_EQ(response.body, "127.0.0.1 http");
  });
  options.trusted_proxies = *Networks::parse({"127.0.0.0/8"});
  run_server([&]() -> awaitable<void> {
    const ClientResponse response = co_await exchange(request);
    EXPECT_EQ(response.body, "203.0.113.7 https");
  });
}

TEST_F(ServerTest, CountsRequestsByMethodAndStatus) {
  add_get("/hello", "world");

  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    co_await client.get("/hello");
    co_await client.get("/nothing");
  });

  const std::string metrics = scrape();
  EXPECT_NE(metrics.find("seendr_http_requests_total{method=\"GET\",status=\"200\"} 1"),
            std::string::npos);
  EXPECT_NE(metrics.find("seendr_http_requests_total{method=\"GET\",status=\"404\"} 1"),
            std::string::npos);
  EXPECT_NE(metrics.find("seendr_http_connections 0"), std::string::npos);
}

}  // namespace
}  // namespace seendr::http
