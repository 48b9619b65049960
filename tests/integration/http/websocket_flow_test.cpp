// The heartbeat of WebSockets, and what becomes of those that read too slowly.
#include "integration/http/raw_socket.hpp"
#include "integration/http/server_fixture.hpp"

namespace seendr::http {
namespace {

using Message = WebSocketClient::Message;
using Frame = RawSocket::Frame;
using SteadyClock = std::chrono::steady_clock;

constexpr unsigned char kText = 0x81;
constexpr unsigned char kPong = 0x8A;

class HeartbeatTest : public WebSocketTest {
 protected:
  HeartbeatTest() {
    options.websocket.ping_interval = 400ms;
    options.websocket.pong_timeout = 300ms;
    options.websocket.close_timeout = 200ms;
  }

  awaitable<RawSocket> open_raw() { return RawSocket::upgrade(target().port); }

  awaitable<void> until_empty() {
    while (server().connections() > 0) co_await sleep_for(2ms);
  }
};

TEST_F(HeartbeatTest, PingsASilentPeerInTheSecondHalfOfTheInterval) {
  run_server([this]() -> awaitable<void> {
    const auto start = SteadyClock::now();
    RawSocket socket = co_await open_raw();
    const Frame frame = co_await socket.read_frame();

    EXPECT_EQ(frame.opcode, RawSocket::kPing);
    EXPECT_GE(SteadyClock::now() - start, 100ms);  // The wheel looks at the time every 100 ms.
    EXPECT_LT(SteadyClock::now() - start, 5s);
  });
}

TEST_F(HeartbeatTest, GoesOnWithAPeerThatAnswers) {
  run_server([this]() -> awaitable<void> {
    RawSocket socket = co_await open_raw();
    for (int i = 0; i < 3; ++i) {
      const Frame ping = co_await socket.read_frame();
      EXPECT_EQ(ping.opcode, RawSocket::kPing);
      co_await socket.send(make_client_frame(kPong, ping.payload));
    }
    co_await socket.send(make_client_frame(kText, "alive"));
    const Frame echo = co_await socket.read_frame();
    EXPECT_EQ(echo.payload, "alive");
  });
}

TEST_F(HeartbeatTest, Closes4001AfterNoPongAndEndsTheHalfOpenConnection) {
  run_server([this]() -> awaitable<void> {
    const auto start = SteadyClock::now();
    RawSocket socket = co_await open_raw();
    const Frame ping = co_await socket.read_frame();
    const Frame close = co_await socket.read_frame();
    co_await until_empty();

    EXPECT_EQ(ping.opcode, RawSocket::kPing);
    EXPECT_EQ(close.close_code(), close_code::no_pong);
    EXPECT_GE(SteadyClock::now() - start, 400ms);
    EXPECT_LT(SteadyClock::now() - start, 5s);
  });
  EXPECT_EQ(server_code, close_code::no_pong);
}

TEST_F(HeartbeatTest, TakesAnyMessageForASignOfLife) {
  run_server([this]() -> awaitable<void> {
    RawSocket socket = co_await open_raw();
    const Frame ping = co_await socket.read_frame();
    EXPECT_EQ(ping.opcode, RawSocket::kPing);
    co_await socket.send(make_client_frame(kText, "busy"));
    const Frame echo = co_await socket.read_frame();
    const Frame next = co_await socket.read_frame();

    EXPECT_EQ(echo.payload, "busy");
    EXPECT_EQ(next.opcode, RawSocket::kPing);
  });
}

TEST_F(HeartbeatTest, DoesNotPingWhileMessagesArrive) {
  options.websocket.ping_interval = 800ms;
  run_server([this]() -> awaitable<void> {
    RawSocket socket = co_await open_raw();
    const auto start = SteadyClock::now();
    while (SteadyClock::now() - start < 1200ms) {
      co_await socket.send(make_client_frame(kText, "x"));
      const Frame frame = co_await socket.read_frame();
      EXPECT_EQ(frame.opcode, RawSocket::kText);
      co_await sleep_for(20ms);
    }
  });
}

TEST_F(HeartbeatTest, CutsAPeerThatTakesNothingAtAll) {
  options.websocket.queue_limit_bytes = 64 * 1024 * 1024;
  run_server([this]() -> awaitable<void> {
    RawSocket socket = co_await open_raw();
    while (!server_socket) co_await sleep_for(1ms);
    // More than the kernel holds: the ping, and then the close frame, are stuck behind it.
    server_socket->send(std::string(32 * 1024 * 1024, 'x'));
    co_await until_empty();
  });
  EXPECT_EQ(server_code, close_code::no_pong);
}

class QueueTest : public WebSocketTest {
 protected:
  QueueTest() {
    options.websocket.queue_limit_bytes = 1000;
    options.websocket.close_timeout = 300ms;
  }

  bool overflows = false;

  // All without a pause: the first message stays in flight meanwhile.
  awaitable<void> serve(std::shared_ptr<WebSocket> socket) override {
    socket->send(std::string(500, '1'));
    socket->send(std::string(200, 'a'), Priority::low);
    socket->send(std::string(200, 'b'), Priority::low);
    socket->send(std::string(200, 'c'), Priority::low);
    EXPECT_EQ(socket->queued_bytes(), 900U);  // The newest low one went.
    socket->send(std::string(300, '2'));
    EXPECT_EQ(socket->queued_bytes(), 1000U);
    if (overflows) {
      socket->send(std::string(700, '3'));
      EXPECT_FALSE(socket->is_open());
      EXPECT_EQ(socket->queued_bytes(), 500U);
    }
    const std::optional<std::string> message = co_await socket->read();
    static_cast<void>(message);
    server_code = socket->close_code();
  }

  awaitable<std::string> first_letters(WebSocketClient& socket, Message& last) {
    std::string letters;
    for (;;) {
      last = co_await socket.read();
      if (!last.text) break;
      letters += last.text->substr(0, 1);
      if (letters == "1a2") break;
    }
    co_return letters;
  }
};

TEST_F(QueueTest, DropsLowMessagesFirstTheNewestBeforeTheOlder) {
  run_server([this]() -> awaitable<void> {
    const auto socket = co_await open();
    Message last;
    const std::string letters = co_await first_letters(*socket, last);
    EXPECT_EQ(letters, "1a2");
  });
}

TEST_F(QueueTest, Closes4008WhenNothingLowIsLeftToDrop) {
  overflows = true;
  run_server([this]() -> awaitable<void> {
    const auto socket = co_await open();
    Message last;
    const std::string letters = co_await first_letters(*socket, last);
    EXPECT_EQ(letters, "1");
    EXPECT_EQ(last.close_code, close_code::slow_consumer);
  });
  EXPECT_EQ(server_code, close_code::slow_consumer);
}

class FloodTest : public WebSocketTest {
 protected:
  awaitable<void> serve(std::shared_ptr<WebSocket> socket) override {
    const std::string news(64 * 1024, 'x');
    while (socket->is_open()) {
      socket->send(news);
      EXPECT_LE(socket->queued_bytes(), 1024U * 1024U + news.size());
      co_await sleep_for(Millis(0));
    }
    server_code = socket->close_code();
  }
};

TEST_F(FloodTest, EndsAConsumerThatNeverReads) {
  options.websocket.close_timeout = 300ms;
  run_server([this]() -> awaitable<void> {
    RawSocket socket = co_await RawSocket::upgrade(target().port);
    while (server().connections() > 0) co_await sleep_for(2ms);
  });
  EXPECT_EQ(server_code, close_code::slow_consumer);
}

}  // namespace
}  // namespace seendr::http
