// What a WebSocket takes and refuses, and how it ends.
#include "integration/http/raw_socket.hpp"
#include "integration/http/server_fixture.hpp"

namespace seendr::http {
namespace {

using Message = WebSocketClient::Message;
using Frame = RawSocket::Frame;

constexpr unsigned char kFirst = 0x01;  // Of a fragmented text message.
constexpr unsigned char kMiddle = 0x00;
constexpr unsigned char kLast = 0x80;
constexpr unsigned char kWhole = 0x81;

class WebSocketSessionTest : public WebSocketTest {
 protected:
  WebSocketSessionTest() { options.websocket.close_timeout = 300ms; }

  std::uint16_t port() const { return target().port; }

  awaitable<RawSocket> open_raw() { return RawSocket::upgrade(port()); }

  // Sends the bytes on a socket of its own, and returns the code the server closes it with.
  awaitable<std::uint16_t> code_after(std::string bytes) {
    RawSocket socket = co_await open_raw();
    co_await socket.send(std::move(bytes));
    Frame frame = co_await socket.read_frame();
    while (frame.opcode != RawSocket::kClose && frame.opcode != -1) {
      frame = co_await socket.read_frame();
    }
    co_return frame.close_code();
  }

  void expect_code(std::uint16_t expected, const std::vector<std::string>& inputs) {
    run_server([&]() -> awaitable<void> {
      for (const std::string& input : inputs) {
        const std::uint16_t code = co_await code_after(input);
        EXPECT_EQ(code, expected) << testing::PrintToString(input.substr(0, 20));
      }
      co_await until_empty();
    });
  }

  // Bounded by the fixture's own limit.
  awaitable<void> until_empty() {
    while (server().connections() > 0) co_await sleep_for(2ms);
  }
};

TEST_F(WebSocketSessionTest, KeepsTheOrderOfMessages) {
  run_server([this]() -> awaitable<void> {
    const auto socket = co_await open();
    for (int i = 0; i < 300; ++i) co_await socket->send(std::to_string(i));
    for (int i = 0; i < 300; ++i) {
      const Message message = co_await socket->read();
      EXPECT_EQ(message.text, std::to_string(i));
    }
  });
}

TEST_F(WebSocketSessionTest, TakesMessagesOfAnyLengthUpToTheLimit) {
  run_server([this]() -> awaitable<void> {
    const auto socket = co_await open();
    for (const std::size_t size : {0, 1, 125, 126, 239, 240, 241, 4'096, 65'535, 65'536}) {
      co_await socket->send(std::string(size, 'x'));
      const Message message = co_await socket->read();
      EXPECT_EQ(message.text.value_or("none").size(), size);
    }
  });
}

TEST_F(WebSocketSessionTest, PutsFragmentsTogetherWithAPingBetween) {
  run_server([this]() -> awaitable<void> {
    RawSocket socket = co_await open_raw();
    co_await socket.send(make_client_frame(kFirst, "a\xE2\x82") + make_client_frame(0x89, "hi") +
                         make_client_frame(kMiddle, "\xAC") + make_client_frame(kLast, "b"));
    const Frame pong = co_await socket.read_frame();
    const Frame whole = co_await socket.read_frame();

    EXPECT_EQ(pong.opcode, RawSocket::kPong);
    EXPECT_EQ(pong.payload, "hi");
    EXPECT_EQ(whole.payload,
              "a\xE2\x82\xAC"
              "b");
  });
}

TEST_F(WebSocketSessionTest, ReadsAFrameThatCameTogetherWithTheRequest) {
  run_server([this]() -> awaitable<void> {
    RawSocket socket = co_await RawSocket::upgrade(port(), make_client_frame(kWhole, "early"));
    const Frame frame = co_await socket.read_frame();
    EXPECT_EQ(frame.payload, "early");
  });
}

TEST_F(WebSocketSessionTest, Closes1009BeforeATooLongFrameHasArrived) {
  // Ten megabytes are announced and hardly anything follows.
  const std::string announced = make_client_frame(kWhole, std::string(10'000'000, 'x'));
  const std::string fragment(40'000, 'x');
  expect_code(close_code::too_big,
              {announced.substr(0, 100),
               make_client_frame(kFirst, fragment) + make_client_frame(kLast, fragment),
               make_client_frame(kWhole, std::string(65'537, 'x'))});
  EXPECT_EQ(server_code, close_code::too_big);
}

TEST_F(WebSocketSessionTest, Closes1009ToAClientThatSendsAllOfATenMegabyteFrame) {
  expect_code(close_code::too_big, {make_client_frame(kWhole, std::string(10'000'000, 'x'))});
}

TEST_F(WebSocketSessionTest, Closes1003OnABinaryMessage) {
  expect_code(close_code::unsupported_data,
              {make_client_frame(0x82, "bytes"), make_client_frame(0x02, "by")});
  EXPECT_EQ(server_code, close_code::unsupported_data);
}

TEST_F(WebSocketSessionTest, Closes1007OnInvalidUtf8) {
  expect_code(close_code::invalid_utf8,
              {make_client_frame(kWhole, "\xFF"), make_client_frame(kWhole, "a\xC0\xAF"),
               make_client_frame(kWhole, "\xED\xA0\x80"), make_client_frame(kWhole, "cut \xE2\x82"),
               make_client_frame(kFirst, "\xE2\x82") + make_client_frame(kLast, "x")});
  EXPECT_EQ(server_code, close_code::invalid_utf8);
}

TEST_F(WebSocketSessionTest, Closes1002OnBrokenFrames) {
  const std::string unmasked("\x81\x02hi", 4);
  expect_code(close_code::protocol_error,
              {unmasked, make_client_frame(0xC1, "reserved bit"), make_client_frame(0x83, "opcode"),
               make_client_frame(kLast, "nothing to continue"),
               make_client_frame(kFirst, "a") + make_client_frame(kWhole, "b"),
               make_client_frame(0x89, std::string(126, 'x')), make_client_frame(0x09, "part"),
               make_client_frame(0x88, "x"), make_client_frame(0x88, "\x03\xED"),
               make_client_frame(0x88, std::string("\x00\x01", 2))});
}

TEST_F(WebSocketSessionTest, AnswersACloseWithTheSameCode) {
  run_server([this]() -> awaitable<void> {
    RawSocket socket = co_await open_raw();
    co_await socket.send(make_client_frame(0x88,
                                           "\x0F\xA0"
                                           "bye"));  // 4000
    const Frame frame = co_await socket.read_frame();
    const bool ended = co_await socket.at_end();

    EXPECT_EQ(frame.close_code(), 4000);
    EXPECT_TRUE(ended);
  });
  EXPECT_EQ(server_code, 4000);
}

TEST_F(WebSocketSessionTest, TellsACloseWithoutACodeFromACutConnection) {
  run_server([this]() -> awaitable<void> {
    const std::uint16_t answer = co_await code_after(make_client_frame(0x88, ""));
    co_await until_empty();
    EXPECT_EQ(answer, close_code::normal);
    EXPECT_EQ(server_code, 1005);

    RawSocket half = co_await open_raw();
    half.end_sending();
    co_await until_empty();
    EXPECT_EQ(server_code, close_code::abnormal);

    server_code = 0;
    const auto reset = co_await open();
    reset->reset();
    co_await until_empty();
    EXPECT_EQ(server_code, close_code::abnormal);
  });
}

TEST_F(WebSocketSessionTest, TakesNoMessagesAfterTheEnd) {
  run_server([this]() -> awaitable<void> {
    const auto socket = co_await open();
    socket->cut();
    co_await until_empty();
    server_socket->send("to nobody");
    const std::optional<std::string> after = co_await server_socket->read();

    EXPECT_FALSE(after);
    EXPECT_FALSE(server_socket->is_open());
    EXPECT_EQ(server_socket->queued_bytes(), 0U);
  });
}

class ClosingTest : public WebSocketSessionTest {
 protected:
  std::string reason = "done";

  awaitable<void> serve(std::shared_ptr<WebSocket> socket) override {
    server_socket = socket;
    socket->send("one");
    socket->send("two", Priority::low);
    socket->close(4503, reason);
    socket->close(1000, "later");
    socket->send("too late");
    const std::optional<std::string> message = co_await socket->read();
    EXPECT_FALSE(message);
    server_code = socket->close_code();
  }
};

TEST_F(ClosingTest, SendsWhatIsQueuedThenTheFirstCodeAndReason) {
  run_server([this]() -> awaitable<void> {
    const auto socket = co_await open();
    const Message one = co_await socket->read();
    const Message two = co_await socket->read();
    const Message end = co_await socket->read();

    EXPECT_EQ(one.text, "one");
    EXPECT_EQ(two.text, "two");
    EXPECT_FALSE(end.text);
    EXPECT_EQ(end.close_code, 4503);
    EXPECT_EQ(end.close_reason, "done");
  });
  EXPECT_EQ(server_code, 4503);
}

TEST_F(ClosingTest, CutsALongReasonBetweenCharacters) {
  reason = "x";
  for (int i = 0; i < 50; ++i) reason += "\xE2\x82\xAC";
  run_server([this]() -> awaitable<void> {
    const auto socket = co_await open();
    Message message = co_await socket->read();
    while (message.text) message = co_await socket->read();

    EXPECT_EQ(message.close_code, 4503);
    EXPECT_EQ(message.close_reason, reason.substr(0, 121));
  });
}

TEST_F(ClosingTest, EndsThoughThePeerNeverAnswersTheClose) {
  run_server([this]() -> awaitable<void> {
    RawSocket socket = co_await open_raw();
    co_await until_empty();
    EXPECT_EQ(server_code, 4503);
  });
}

TEST_F(ClosingTest, IgnoresWhatThePeerSendsAfterTheClose) {
  run_server([this]() -> awaitable<void> {
    RawSocket socket = co_await open_raw();
    co_await socket.send(make_client_frame(kWhole, "late") + make_client_frame(kWhole, "later") +
                         make_client_frame(0x88, "\x11\x97"));
    co_await until_empty();
  });
  EXPECT_EQ(server_code, 4503);
}

class ThrowingTest : public WebSocketSessionTest {
 protected:
  awaitable<void> serve(std::shared_ptr<WebSocket>) override {
    throw std::runtime_error("a bug");
    co_return;
  }
};

TEST_F(ThrowingTest, Closes1011WhenTheHandlerThrows) {
  run_server([this]() -> awaitable<void> {
    const auto socket = co_await open();
    const Message message = co_await socket->read();
    EXPECT_EQ(message.close_code, 1011);
  });
}

}  // namespace
}  // namespace seendr::http
