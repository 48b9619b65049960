// HTTPS and wss with a certificate of our own.
#include "http/tls.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "integration/http/raw_socket.hpp"
#include "integration/http/server_fixture.hpp"

namespace seendr::http {
namespace {

// Two certificates and their keys in a directory that is removed at the end.
class Certificates {
 public:
  Certificates() {
    std::string name = (std::filesystem::temp_directory_path() / "seendr-tls-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary directory");
    folder_ = name;
    for (const std::string one : {"a", "b"}) {
      const std::string command =
          "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 "
          "-subj /CN=localhost -keyout " +
          file(one + ".key") + " -out " + file(one + ".crt") + " 2>/dev/null";
      if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl failed");
    }
    std::ofstream(file("garbage")) << "no certificate";
  }
  ~Certificates() { std::filesystem::remove_all(folder_); }
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  std::string file(const std::string& name) const { return folder_ / name; }
  TlsContext server() const { return make_server_tls(file("a.crt"), file("a.key")); }

 private:
  std::filesystem::path folder_;
};

class TlsTest : public WebSocketTest {
 protected:
  static const Certificates& certificates() {
    static const Certificates made;
    return made;
  }

  TlsTest() {
    options.tls = certificates().server();
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
  const Certificates files;
  EXPECT_THROW(make_server_tls(files.file("none"), files.file("a.key")), system_error);
  EXPECT_THROW(make_server_tls(files.file("a.crt"), files.file("none")), system_error);
  EXPECT_THROW(make_server_tls(files.file("garbage"), files.file("a.key")), system_error);
  EXPECT_THROW(make_server_tls(files.file("a.crt"), files.file("b.key")), system_error);
}

}  // namespace
}  // namespace seendr::http
