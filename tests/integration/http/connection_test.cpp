// Several requests on one connection, and what ends it.
#include "integration/http/raw_socket.hpp"
#include "integration/http/server_fixture.hpp"

namespace seendr::http {
namespace {

class ConnectionTest : public ServerTest {
 protected:
  ConnectionTest() {
    add_echo("/echo");
    add_get("/hello", "world");
  }

  static std::string post(const std::string& body) {
    return "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }
};

TEST_F(ConnectionTest, AnswersAThousandPipelinedRequestsInOrder) {
  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    std::string requests;
    for (int i = 0; i < 1'000; ++i) requests += post("[" + std::to_string(i) + "]");
    co_await client.send_raw(requests);
    for (int i = 0; i < 1'000; ++i) {
      const ClientResponse response = co_await client.read_response(false);
      EXPECT_EQ(response.body, "[" + std::to_string(i) + "]");
    }
  });
}

TEST_F(ConnectionTest, ReadsNoNextRequestWhileOneIsUnderWay) {
  int running = 0;
  int most = 0;
  router.add(Method::get, "/slow", [&](Request) -> awaitable<Response> {
    most = std::max(most, ++running);
    co_await sleep_for(2ms);
    --running;
    co_return empty();
  });
  run_server([&]() -> awaitable<void> {
    Client client = co_await connect();
    std::string requests;
    for (int i = 0; i < 20; ++i) requests += "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";
    co_await client.send_raw(requests);
    for (int i = 0; i < 20; ++i) {
      const ClientResponse response = co_await client.read_response(false);
      EXPECT_EQ(response.status, 204);
    }
  });
  EXPECT_EQ(most, 1);
}

TEST_F(ConnectionTest, DropsPipelinedRequestsAfterAClose) {
  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    co_await client.send_raw(
        "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    const ClientResponse first = co_await client.read_response(false);
    const bool ended = co_await client.at_end();
    EXPECT_EQ(first.status, 200);
    EXPECT_TRUE(ended);
  });
}

TEST_F(ConnectionTest, TakesBodiesUpToTheLimitOfTheirRoute) {
  add_echo("/large", RouteOptions{200'000, true});
  add_echo("/any", RouteOptions{64 * 1024, false});
  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    const Headers is_json{{"Content-Type", "application/json; charset=utf-8"}};
    const ClientResponse large = co_await client.request(std::string("POST"), std::string("/large"),
                                                         is_json, std::string(200'000, '1'));
    const ClientResponse any = co_await client.request(std::string("POST"), std::string("/any"),
                                                       Headers(), std::string("text"));
    const ClientResponse whole = co_await client.request(std::string("POST"), std::string("/echo"),
                                                         is_json, std::string(64 * 1024, '1'));

    EXPECT_EQ(large.body.size(), 200'000U);
    EXPECT_EQ(any.body, "text");
    EXPECT_EQ(whole.body.size(), 64U * 1024U);
  });
}

TEST_F(ConnectionTest, DropsTheBodyOfARequestNobodyTakesAndGoesOn) {
  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    const ClientResponse missing = co_await client.request(
        std::string("POST"), std::string("/nothing"), Headers(), std::string(10'000, 'x'));
    const ClientResponse wrong = co_await client.request(std::string("POST"), std::string("/hello"),
                                                         Headers(), std::string(10'000, 'x'));
    const ClientResponse after = co_await client.get("/hello");

    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(after.status, 200);
  });
}

TEST_F(ConnectionTest, SendsALargeResponseWhole) {
  router.add(Method::get, "/large", [](Request) -> awaitable<Response> {
    co_return text(200, std::string(3'000'000, 'x'));
  });
  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    for (int i = 0; i < 2; ++i) {
      const ClientResponse response = co_await client.get("/large");
      EXPECT_EQ(response.body.size(), 3'000'000U);
    }
  });
}

TEST_F(ConnectionTest, AnswersAPeerThatHasEndedItsSide) {
  run_server([this]() -> awaitable<void> {
    RawSocket socket = co_await RawSocket::connect(target().port);
    co_await socket.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    socket.end_sending();
    const std::string head = co_await socket.read_head();
    const std::string body = co_await socket.read_bytes(5);
    const bool ended = co_await socket.at_end();

    EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(body, "world");
    EXPECT_TRUE(ended);
  });
}

TEST_F(ConnectionTest, ToldProblemsAreRfc9457OnRequest) {
  run_server([this]() -> awaitable<void> {
    const ClientResponse response = co_await exchange(
        "GET /nothing HTTP/1.1\r\nHost: x\r\nAccept: application/problem+json\r\n"
        "X-Request-Id: r1\r\n\r\n");
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
    EXPECT_NE(response.body.find("\"request_id\":\"r1\""), std::string::npos);
  });
}

TEST_F(ConnectionTest, AnswersTheOptionsOfTheWholeServer) {
  run_server([this]() -> awaitable<void> {
    const ClientResponse response = co_await exchange("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(response.status, 204);
    EXPECT_NE(response.headers.get("Allow").find("PATCH"), std::string_view::npos);
  });
}

}  // namespace
}  // namespace seendr::http
