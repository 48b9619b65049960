// Requests that break the rules: each gets its own answer, and the connection ends.
#include "integration/http/server_fixture.hpp"

namespace seendr::http {
namespace {

using namespace std::string_literals;

class BadRequestTest : public ServerTest {
 protected:
  BadRequestTest() {
    add_get("/hello", "world");
    add_get("/users/{id}", "user");
    add_echo("/echo");
    options.header_timeout = 200ms;
    options.body_timeout = 200ms;
    options.idle_timeout = 400ms;
  }

  // The status of the answer to `bytes`; also checks that nothing but one response comes back.
  awaitable<int> status_of(std::string bytes) {
    Client client = co_await connect();
    co_await client.send_raw(std::move(bytes));
    const ClientResponse response = co_await client.read_response(false);
    const bool ended = co_await with_timeout(client.at_end(), 3s);
    EXPECT_TRUE(ended) << response.status;
    EXPECT_NE(response.body.find("\"request_id\""), std::string::npos) << response.status;
    co_return response.status;
  }

  void expect_status(int expected, std::vector<std::string> requests) {
    run_server([&]() -> awaitable<void> {
      for (const std::string& request : requests) {
        const int status = co_await status_of(request);
        EXPECT_EQ(status, expected) << request.substr(0, 200);
      }
    });
  }
};

TEST_F(BadRequestTest, Refuses400WhatIsNotHttp) {
  expect_status(400, {"hello\r\n\r\n", "GET  /hello HTTP/1.1\r\nHost: x\r\n\r\n",
                      "GET /hello HTTP/1.1\nHost: x\n\n\r\n\r\n",
                      "GET /hello HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n",
                      "GET /hello HTTP/1.1\r\nHost: x\r\nName : y\r\n\r\n",
                      "GET /hello HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n"s,
                      "GET hello HTTP/1.1\r\nHost: x\r\n\r\n"});
}

TEST_F(BadRequestTest, Refuses400WithoutExactlyOneHost) {
  expect_status(
      400, {"GET /hello HTTP/1.1\r\n\r\n", "GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"});
}

TEST_F(BadRequestTest, Refuses400BadPercentEncodingNulAndTraversal) {
  std::vector<std::string> requests;
  for (const std::string target :
       {"/%zz", "/%2", "/users/%00", "/users/%ff%fe", "/users/%c0%af", "/hello?x=%", "/hello?x=%00",
        "/users/../hello", "/users/%2e%2e", "/./hello", "//etc/passwd"}) {
    requests.push_back("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  expect_status(400, requests);
}

TEST_F(BadRequestTest, Refuses400OrNot501BodiesThatCouldEndAtTwoPlaces) {
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  const std::string hidden = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
  expect_status(
      400,
      {head + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
       head + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + hidden,
       head + "Content-Length: 4\r\nContent-Length: 5\r\n\r\n[11]" + hidden,
       head + "Content-Length: +4\r\n\r\n[11]" + hidden,
       head + "Content-Length: 4, 4\r\n\r\n[11]" + hidden,
       head + "Content-Length: -1\r\n\r\n" + hidden,
       head + "Content-Length: 0x4\r\n\r\n[11]" + hidden,
       head + "Content-Length: 99999999999999999999\r\n\r\n" + hidden,
       "POST /echo HTTP/1.0\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
       "0\r\n\r\n" +
           hidden,
       head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n" + hidden,
       head + "Transfer-Encoding: chunked\r\n\r\n2\r\n[]xx0\r\n\r\n" + hidden});
}

TEST_F(BadRequestTest, Refuses501CodingsAndMethodsItDoesNotHave) {
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  expect_status(
      501, {head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            head + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n", "TRACE /hello HTTP/1.1\r\nHost: x\r\n\r\n",
            "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n"});
}

TEST_F(BadRequestTest, Refuses505OtherVersions) {
  expect_status(505,
                {"GET /hello HTTP/2.0\r\nHost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"});
}

TEST_F(BadRequestTest, Refuses413ALongBodyAnnouncedOrNot) {
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  const std::string body(70'000, '1');
  expect_status(
      413,
      {head + "Content-Length: 70000\r\n\r\n" + body, head + "Content-Length: 10000000000\r\n\r\n",
       head + "Transfer-Encoding: chunked\r\n\r\n11170\r\n" + body + "\r\n0\r\n\r\n"});
}

TEST_F(BadRequestTest, Refuses414ALongTargetAnd431LongHeaders) {
  expect_status(414, {"GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n",
                      "GET /" + std::string(60'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"});
  expect_status(431,
                {"GET /hello HTTP/1.1\r\nHost: x\r\nA: " + std::string(17'000, 'a') + "\r\n\r\n",
                 "GET /hello HTTP/1.1\r\nHost: x\r\nA: " + std::string(60'000, 'a') + "\r\n\r\n"});
}

TEST_F(BadRequestTest, Refuses415ABodyThatIsNotJson) {
  expect_status(415, {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n[]",
                      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                      "Content-Length: 2\r\n\r\n[]"});
}

TEST_F(BadRequestTest, Refuses417AnUnknownExpectation) {
  expect_status(417, {"GET /hello HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n"});
}

TEST_F(BadRequestTest, Answers408ToASlowHeaderSender) {
  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    const auto start = std::chrono::steady_clock::now();
    co_await client.send_raw("GET /hello HTTP/1.1\r\n");
    for (int i = 0; i < 4; ++i) {
      co_await client.send_raw("X-" + std::to_string(i) + ": y\r\n");
      co_await sleep_for(40ms);
    }
    const ClientResponse response = co_await client.read_response(false);
    const bool ended = co_await client.at_end();

    EXPECT_EQ(response.status, 408);
    EXPECT_TRUE(ended);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  });
}

TEST_F(BadRequestTest, Answers408ToASlowBodySender) {
  run_server([this]() -> awaitable<void> {
    const ClientResponse response = co_await exchange(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 5\r\n\r\n[");
    EXPECT_EQ(response.status, 408);
  });
}

TEST_F(BadRequestTest, ClosesAnIdleConnectionWithoutAWord) {
  run_server([this]() -> awaitable<void> {
    Client silent = co_await connect();
    Client idle = co_await connect();
    co_await idle.get("/hello");
    const bool silent_ended = co_await with_timeout(silent.at_end(), 3s);
    const bool idle_ended = co_await with_timeout(idle.at_end(), 3s);

    EXPECT_TRUE(silent_ended);
    EXPECT_TRUE(idle_ended);
  });
}

TEST_F(BadRequestTest, EndsAConnectionThatTakesNoResponse) {
  options.write_timeout = 200ms;
  router.add(Method::get, "/large", [](Request) -> awaitable<Response> {
    co_return text(200, std::string(32 * 1024 * 1024, 'x'));
  });

  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    co_await client.send_raw("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    for (int i = 0; i < 200 && server().connections() == 0; ++i) co_await sleep_for(5ms);
    for (int i = 0; i < 600 && server().connections() > 0; ++i) co_await sleep_for(5ms);

    EXPECT_EQ(server().connections(), 0U);
  });
}

}  // namespace
}  // namespace seendr::http
