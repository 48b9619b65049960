#include "redis/connection.hpp"

#include <filesystem>

#include "redis/client.hpp"
#include "support/redis_test.hpp"

namespace seendr::redis {
namespace {

using namespace std::chrono_literals;
using test::becomes;
using test::failure_of;

using Local = net::local::stream_protocol;
using LocalAcceptor = net::basic_socket_acceptor<Local, Executor>;
using LocalSocket = net::basic_stream_socket<Local, Executor>;

// A server that says what the test tells it to, and a connection to it.
class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "seendr-fake-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    acceptor_ = LocalAcceptor(io_, Local::endpoint(directory_ + "/fake.sock"));
  }
  ~ConnectionTest() override {
    if (connection_) connection_->close("the test is over");
    io_.restart();
    io_.run_for(100ms);
    std::filesystem::remove_all(directory_);
  }

  // Answers the handshake with `replies`.
  awaitable<bool> accept(std::string replies) {
    co_await acceptor_.async_accept(server_, use_awaitable);
    heard_ = co_await read_until("PING\r\n");
    co_await say(replies);
    co_return true;
  }

  awaitable<void> say(std::string bytes) {
    co_await net::async_write(server_, net::buffer(bytes), use_awaitable);
  }

  awaitable<std::string> read_some() {
    std::string bytes(4096, '\0');
    const std::size_t size = co_await server_.async_read_some(net::buffer(bytes), use_awaitable);
    bytes.resize(size);
    co_return bytes;
  }

  awaitable<std::string> read_until(std::string end) {
    std::string bytes;
    while (!bytes.ends_with(end)) {
      const std::string more = co_await read_some();
      bytes += more;
    }
    co_return bytes;
  }

  // A connection whose handshake went well.
  awaitable<void> open() {
    std::optional<bool> accepted;
    test::start(io_, accept("+OK\r\n+PONG\r\n"), accepted);
    ClientOptions options;
    options.url.scheme = Scheme::unix_socket;
    options.url.path = directory_ + "/fake.sock";
    connection_ = co_await Connection::open(options);
  }

  template <class Body>
  void run(Body body) {
    test::run(io_, std::move(body));
  }

  net::io_context io_;
  std::string directory_;
  LocalAcceptor acceptor_{io_};
  LocalSocket server_{io_};
  std::string heard_;
  std::shared_ptr<Connection> connection_;
};

TEST_F(ConnectionTest, SaysWhoItIsInOneGo) {
  run([this]() -> awaitable<void> {
    std::optional<bool> accepted;
    test::start(io_, accept("+OK\r\n+OK\r\n+OK\r\n+PONG\r\n"), accepted);
    ClientOptions options;
    options.url = parse_url("unix://ada:pw@" + directory_ + "/fake.sock?db=4").value();
    connection_ = co_await Connection::open(options);

    EXPECT_EQ(heard_,
              "*3\r\n$4\r\nAUTH\r\n$3\r\nada\r\n$2\r\npw\r\n"
              "*2\r\n$6\r\nSELECT\r\n$1\r\n4\r\n"
              "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$6\r\nseendr\r\n"
              "*1\r\n$4\r\nPING\r\n");
  });
}

TEST_F(ConnectionTest, IsNotOpenWhileTheServerLoadsItsData) {
  run([this]() -> awaitable<void> {
    std::optional<bool> accepted;
    test::start(io_, accept("+OK\r\n-LOADING Redis is loading\r\n"), accepted);
    ClientOptions options;
    options.url = parse_url("unix://" + directory_ + "/fake.sock").value();

    const error_code error = co_await failure_of(Connection::open(options));

    EXPECT_EQ(error, Errc::server_error);
  });
}

TEST_F(ConnectionTest, LetsAUserInWhoMayNotPing) {
  run([this]() -> awaitable<void> {
    std::optional<bool> accepted;
    test::start(io_, accept("-NOPERM client\r\n-NOPERM ping\r\n"), accepted);
    ClientOptions options;
    options.url = parse_url("unix://" + directory_ + "/fake.sock").value();

    connection_ = co_await Connection::open(options);

    EXPECT_TRUE(connection_->is_open());
  });
}

TEST_F(ConnectionTest, SendsTheCommandsOfOneTurnInOneWriteAndGivesRepliesInOrder) {
  run([this]() -> awaitable<void> {
    co_await open();
    std::optional<Reply> first;
    std::optional<Reply> second;
    test::start(io_, connection_->exec(Command("GET", "a")), first);
    test::start(io_, connection_->exec(Command("GET", "b")), second);

    const std::string heard = co_await read_some();
    co_await say("$3\r\no");
    co_await say("ne\r\n:");
    co_await say("2\r\n");
    const auto answered = [&] {
      return first && second;
    };
    co_await becomes(answered, 2s);

    EXPECT_EQ(heard, "*2\r\n$3\r\nGET\r\n$1\r\na\r\n*2\r\n$3\r\nGET\r\n$1\r\nb\r\n");
    EXPECT_EQ(first.value().text(), "one");
    EXPECT_EQ(second.value().as_int(), 2);
  });
}

TEST_F(ConnectionTest, ClosesAtAReplyNobodyAskedFor) {
  run([this]() -> awaitable<void> {
    co_await open();

    co_await say("+OK\r\n");
    const bool closed = co_await connection_->wait_closed(2s);

    EXPECT_TRUE(closed);
    EXPECT_NE(connection_->close_reason().find("nobody asked"), std::string::npos);
  });
}

TEST_F(ConnectionTest, FailsWhatWaitsWhenTheServerBreaksTheProtocol) {
  run([this]() -> awaitable<void> {
    co_await open();
    std::optional<error_code> waiting;
    test::start(io_, failure_of(connection_->exec(Command("GET", "a"))), waiting);
    co_await read_some();

    co_await say("HTTP/1.1 400 Bad Request\r\n");
    co_await connection_->wait_closed();
    const error_code later = co_await failure_of(connection_->exec(Command("GET", "a")));

    EXPECT_EQ(waiting.value(), Errc::connection_lost);
    EXPECT_EQ(later, Errc::connection_lost);
  });
}

TEST_F(ConnectionTest, NoticesThatTheServerWentAway) {
  run([this]() -> awaitable<void> {
    co_await open();

    server_.close();
    const bool closed = co_await connection_->wait_closed(2s);

    EXPECT_TRUE(closed);
  });
}

TEST_F(ConnectionTest, SaysAfterALimitThatItIsStillOpen) {
  run([this]() -> awaitable<void> {
    co_await open();

    const bool closed = co_await connection_->wait_closed(5ms);

    EXPECT_FALSE(closed);
    EXPECT_TRUE(connection_->is_open());
  });
}

}  // namespace
}  // namespace seendr::redis
