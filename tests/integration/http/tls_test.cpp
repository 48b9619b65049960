// HTTPS and wss with a certificate of our own.
#include "http/tls.hpp"

#include <fstream>

#include "support/certificate.hpp"

#include "integration/http/raw_socket.hpp"
#include "integration/http/server_fixture.hpp"

namespace seendr::http {
namespace {

class TlsTest : public WebSocketTest {
 protected:
  static const test::Certificate& ours() {
    static const test::Certificate made;
    return made;
  }

  TlsTest() {
    options.tls = make_server_tls(ours().certificate(), ours().key());
    client_tls = make_unverified_client_tls();
    router.add(Method::get, "/me", [](Request request) -> awaitable<Response> {
      co_return text(200, request.secure ? "https" : "http");
    });
  }
};

TEST_F(TlsTest, ServesHttps) {
  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    const ClientResponse first = co_await client.get("/me");
    const ClientResponse second = co_await client.get("/me");
    EXPECT_EQ(first.body, "https");
    EXPECT_EQ(second.status, 200);
  });
}

TEST_F(TlsTest, SendsALargeResponseAndEndsCleanly) {
  router.add(Method::get, "/large", [](Request) -> awaitable<Response> {
    co_return text(200, std::string(2'000'000, 'x'));
  });
  run_server([this]() -> awaitable<void> {
    Client client = co_await connect();
    co_await client.send_raw("GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const ClientResponse response = co_await client.read_response(false);
    const bool ended = co_await client.at_end();
    EXPECT_EQ(response.body.size(), 2'000'000U);
    EXPECT_TRUE(ended);
  });
}

TEST_F(TlsTest, ServesWebSocketsOverTls) {
  run_server([this]() -> awaitable<void> {
    const auto socket = co_await open();
    co_await socket->send("hello");
    const auto echo = co_await socket->read();
    co_await socket->send(std::string(60'000, 'x'));
    const auto large = co_await socket->read();
    co_await socket->close(1000);

    EXPECT_EQ(echo.text, "hello");
    EXPECT_EQ(large.text.value_or("").size(), 60'000U);
  });
  EXPECT_EQ(server_code, 1000);
}

TEST_F(TlsTest, EndsAPeerThatSpeaksPlainHttp) {
  run_server([this]() -> awaitable<void> {
    RawSocket socket = co_await RawSocket::connect(target().port);
    co_await socket.send("GET /me HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string head = co_await socket.read_head();
    EXPECT_EQ(head.find("HTTP/1.1"), std::string::npos);
    const ClientResponse other = co_await exchange("GET /me HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(other.status, 200);
  });
}

TEST_F(TlsTest, EndsAHandshakeThatDoesNotComeToItsEnd) {
  options.header_timeout = 200ms;
  run_server([this]() -> awaitable<void> {
    RawSocket socket = co_await RawSocket::connect(target().port);
    co_await socket.send(std::string("\x16\x03\x01\x02\x00", 5));
    const bool ended = co_await with_timeout(socket.at_end(), 3s);
    EXPECT_TRUE(ended);
  });
}

TEST_F(TlsTest, TurnsAwayWithoutPlainText) {
  total_limit = 1;
  run_server([this]() -> awaitable<void> {
    Client first = co_await connect();
    const ClientResponse served = co_await first.get("/me");
    RawSocket second = co_await RawSocket::connect(target().port);
    const bool ended = co_await second.at_end();
    EXPECT_EQ(served.status, 200);
    EXPECT_TRUE(ended);
  });
}

TEST(TlsSettings, RefuseFilesThatAreMissingOrDoNotFit) {
  const test::Certificate a;
  const test::Certificate b;
  EXPECT_THROW(make_server_tls("/nonexistent", a.key()), system_error);
  EXPECT_THROW(make_server_tls(a.certificate(), "/nonexistent"), system_error);
  EXPECT_THROW(make_server_tls(a.key(), a.key()), system_error) << "no certificate";
  EXPECT_THROW(make_server_tls(a.certificate(), b.key()), system_error);
}

}  // namespace
}  // namespace seendr::http
