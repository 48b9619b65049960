// Which requests become WebSockets, and what the others are told.
#include "integration/http/raw_socket.hpp"
#include "integration/http/server_fixture.hpp"

namespace seendr::http {
namespace {

class UpgradeTest : public WebSocketTest {
 protected:
  std::optional<Response> refusal;
  std::string seen;

  awaitable<UpgradeDecision> decide(Request request) override {
    seen = request.path + " " + std::string(request.query_value("ticket").value_or("none"));
    if (refusal) co_return UpgradeDecision::refuse(*refusal);
    co_return co_await WebSocketTest::decide(std::move(request));
  }

  awaitable<WebSocketClient::Outcome> ask(std::string path, std::string subprotocol = {}) {
    return WebSocketClient::connect(target(), std::move(path), Headers(), std::move(subprotocol));
  }

  // The usual request with one line replaced.
  static std::string request_with(const std::string& line, const std::string& instead) {
    std::string request = RawSocket::upgrade_request("/ws");
    request.replace(request.find(line), line.size(), instead);
    return request;
  }
};

TEST_F(UpgradeTest, AgreesOnASubprotocolTheClientOffers) {
  run_server([this]() -> awaitable<void> {
    const auto known = co_await ask("/ws", "other, seendr.v1");
    const auto unknown = co_await ask("/ws", "other");

    EXPECT_EQ(known.response.status, 101);
    EXPECT_EQ(known.response.headers.get("Sec-WebSocket-Protocol"), "seendr.v1");
    EXPECT_TRUE(known.response.headers.has("X-Request-Id"));
    EXPECT_FALSE(unknown.response.headers.has("Sec-WebSocket-Protocol"));
  });
}

TEST_F(UpgradeTest, TakesThePathWithATrailingSlashAndAQuery) {
  run_server([this]() -> awaitable<void> {
    const auto outcome = co_await ask("/ws/?ticket=a%20b");
    EXPECT_TRUE(outcome.socket);
    EXPECT_EQ(seen, "/ws/ a b");
  });
}

TEST_F(UpgradeTest, AnswersTheRefusalAndKeepsTheConnection) {
  refusal = text(403, "not you");
  run_server([this]() -> awaitable<void> {
    const auto outcome = co_await ask("/ws");
    EXPECT_FALSE(outcome.socket);
    EXPECT_EQ(outcome.response.status, 403);

    Client client = co_await connect();
    co_await client.send_raw(RawSocket::upgrade_request("/ws"));
    const ClientResponse first = co_await client.read_response(false);
    const ClientResponse second = co_await client.get("/nothing");
    EXPECT_EQ(first.body, "not you");
    EXPECT_EQ(second.status, 404);
  });
}

TEST_F(UpgradeTest, TellsWhatIsMissing) {
  const std::string get = "GET /ws HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string post = "POST /ws HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
  run_server([&]() -> awaitable<void> {
    const ClientResponse plain = co_await exchange(get);
    const ClientResponse wrong_method = co_await exchange(post);
    const ClientResponse version =
        co_await exchange(request_with("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8"));
    const ClientResponse short_key =
        co_await exchange(request_with("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZQ=="));
    const ClientResponse no_key = co_await exchange(request_with("Sec-WebSocket-Key", "X-Key"));
    const ClientResponse elsewhere = co_await exchange(RawSocket::upgrade_request("/other"));

    EXPECT_EQ(plain.status, 426);
    EXPECT_EQ(plain.headers.get("Upgrade"), "websocket");
    EXPECT_EQ(wrong_method.status, 405);
    EXPECT_EQ(wrong_method.headers.get("Allow"), "GET, OPTIONS");
    EXPECT_EQ(version.status, 426);
    EXPECT_EQ(version.headers.get("Sec-WebSocket-Version"), "13");
    EXPECT_EQ(short_key.status, 400);
    EXPECT_EQ(no_key.status, 400);
    EXPECT_EQ(elsewhere.status, 404);
  });
}

TEST_F(UpgradeTest, KnowsEveryOpenSocket) {
  run_server([this]() -> awaitable<void> {
    const auto a = co_await open();
    const auto b = co_await open();
    Client plain = co_await connect();
    const ClientResponse response = co_await plain.get("/nothing");
    EXPECT_EQ(response.status, 404);

    for (const auto& socket : server().websockets()) socket->send("go away");
    const auto first = co_await a->read();
    const auto second = co_await b->read();
    EXPECT_EQ(first.text, "go away");
    EXPECT_EQ(second.text, "go away");
  });
}

}  // namespace
}  // namespace seendr::http
