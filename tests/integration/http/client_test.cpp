// The client against servers that answer what a test tells them.
#include "http/client.hpp"

#include <array>

#include "integration/http/server_fixture.hpp"

namespace seendr::http {
namespace {

// Accepts one connection, answers `answer` after the first bytes, and closes.
awaitable<void> answer_once(Acceptor& acceptor, std::string answer) {
  TcpSocket socket = co_await acceptor.async_accept(use_awaitable);
  std::array<char, 4096> asked;
  co_await socket.async_read_some(net::buffer(asked), use_awaitable);
  co_await net::async_write(socket, net::buffer(answer), use_awaitable);
}

class ClientTest : public testing::Test {
 protected:
  // Runs `body(client)` connected to a server that answers `answer` once.
  template <class Body>
  void run_against(std::string answer, Body body) {
    Listener listener(ListenOptions{"127.0.0.1", 0, false});
    net::io_context io;
    Acceptor acceptor = listener.acceptor(io.get_executor());
    test::run(io, [&]() -> awaitable<void> {
      TaskGroup tasks(io.get_executor(), [](const std::string&, std::exception_ptr error) {
        ADD_FAILURE() << what(error);
      });
      tasks.spawn("server", answer_once(acceptor, answer));
      ClientTarget target;
      target.port = listener.port();
      Client client = co_await Client::connect(target);
      co_await body(client);
      co_await tasks.join();
    });
  }
};

TEST_F(ClientTest, ReadsABodyThatEndsWithTheConnection) {
  run_against("HTTP/1.1 200 OK\r\n\r\nhello", [](Client& client) -> awaitable<void> {
    const ClientResponse response = co_await client.get("/");
    EXPECT_EQ(response.body, "hello");
    EXPECT_FALSE(response.keeps_alive);
  });
}

TEST_F(ClientTest, ReadsAChunkedBody) {
  run_against(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=1\r\nSet-Cookie: "
      "b=2\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
      [](Client& client) -> awaitable<void> {
        const ClientResponse response = co_await client.get("/");
        EXPECT_EQ(response.body, "hello");
        EXPECT_EQ(response.headers.count("Set-Cookie"), 2U);
      });
}

TEST_F(ClientTest, ThrowsWhenTheServerHangsUpOrTalksNonsense) {
  for (const std::string answer :
       {"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel", "nonsense\r\n\r\n"}) {
    run_against(answer, [](Client& client) -> awaitable<void> {
      bool has_failed = false;
      try {
        const ClientResponse response = co_await client.get("/");
      } catch (const system_error&) {
        has_failed = true;
      }
      EXPECT_TRUE(has_failed);
    });
  }
}

TEST_F(ClientTest, ThrowsWhenNobodyListens) {
  std::uint16_t port = 0;
  {
    const Listener gone(ListenOptions{"127.0.0.1", 0, false});
    port = gone.port();
  }
  test::run([port]() -> awaitable<void> {
    ClientTarget target;
    target.port = port;
    error_code failed;
    try {
      Client client = co_await Client::connect(target);
    } catch (const system_error& error) {
      failed = error.code();
    }
    EXPECT_EQ(failed, net::error::connection_refused);
  });
}

TEST_F(ServerTest, ConnectsByNameAndFromAChosenAddress) {
  router.add(Method::get, "/me", [](Request request) -> awaitable<Response> {
    co_return text(200, request.remote_address + " " + request.host);
  });
  run_server([this]() -> awaitable<void> {
    ClientTarget named = target();
    named.source_address = "127.0.0.5";
    Client client = co_await Client::connect(named);
    const ClientResponse response = co_await client.get("/me");
    EXPECT_EQ(response.body, "127.0.0.5 127.0.0.1:" + std::to_string(named.port));
  });
}

TEST_F(WebSocketTest, ReadsAndSendsAtTheSameTimeAndPings) {
  run_server([this]() -> awaitable<void> {
    const auto socket = co_await open();
    co_await socket->send_ping();
    co_await socket->send("one");
    co_await socket->send_raw(make_client_frame(0x81, "two"));
    const auto one = co_await socket->read();
    const auto two = co_await socket->read();
    EXPECT_EQ(one.text, "one");
    EXPECT_EQ(two.text, "two");

    co_await socket->send_binary("bytes");
    const auto end = co_await socket->read();
    EXPECT_FALSE(end.text);
    EXPECT_EQ(end.close_code, close_code::unsupported_data);
  });
}

TEST(ClientFrame, IsMaskedAndHasTheShortestLength) {
  EXPECT_EQ(make_client_frame(0x81, "a"), std::string("\x81\x81\x12\x34\x56\x78\x73", 7));
  EXPECT_EQ(make_client_frame(0x81, std::string(126, 'a')).substr(1, 3), std::string("\xFE\0~", 3));
  EXPECT_EQ(make_client_frame(0x81, std::string(65'536, 'a')).substr(1, 9),
            std::string("\xFF\0\0\0\0\0\1\0\0", 9));
}

}  // namespace
}  // namespace seendr::http
