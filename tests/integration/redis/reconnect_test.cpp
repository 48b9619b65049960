// What the client does when Redis goes away, is silent, refuses it, or speaks TLS.
#include "redis/client.hpp"
#include "redis/script.hpp"
#include "runtime/sleep.hpp"
#include "support/certificate.hpp"
#include "support/redis_test.hpp"

namespace seendr::redis {
namespace {

using namespace std::chrono_literals;
using test::becomes;
using test::failure_of;

// A server of the test's own, which it may kill.
class ReconnectTest : public testing::Test {
 protected:
  ~ReconnectTest() override {
    tasks_.cancel();
    test::run(io_, [this]() -> awaitable<void> { co_await tasks_.join(); });
  }

  Client& client(const Url& url, std::function<void(ClientOptions&)> adjust = {}) {
    ClientOptions options;
    options.url = url;
    if (adjust) adjust(options);
    clients_.push_back(std::make_unique<Client>(env_.real(), io_.get_executor(), options));
    tasks_.spawn("client", clients_.back()->run());
    return *clients_.back();
  }

  template <class Body>
  void run(Body body) {
    test::run(io_, std::move(body), std::chrono::seconds(30));
  }

  test::TestEnv env_;
  net::io_context io_;
  std::vector<std::unique_ptr<Client>> clients_;
  TaskGroup tasks_{io_.get_executor(), [](const std::string&, std::exception_ptr error) {
                     ADD_FAILURE() << what(error);
                   }};
};

TEST_F(ReconnectTest, WorksOnWithinTwoSecondsAfterTheServerWasKilledAndStarted) {
  test::RedisServer server({.durable = true, .arguments = {}});
  Client& redis = client(server.url());
  run([&]() -> awaitable<void> {
    co_await redis.exec(Command("SET", "name", "ada"));
    server.restart();

    const Reply reply = co_await redis.exec(Command("GET", "name"), 2s);

    EXPECT_EQ(reply.text(), "ada");
    EXPECT_EQ(redis.connections(), 2U);
  });
}

TEST_F(ReconnectTest, FailsAWriteInFlightAndRepeatsARead) {
  test::RedisServer server({.durable = true, .arguments = {}});
  Client& redis = client(server.url());
  run([&]() -> awaitable<void> {
    co_await redis.exec(Command("SET", "name", "ada"));
    server.pause();
    const std::uint64_t before = redis.calls();
    std::optional<error_code> write;
    std::optional<error_code> repeatable;
    std::optional<Reply> read;
    Command allowed("SET", "name", "bob");
    allowed.repeatable();
    test::start(io_, failure_of(redis.exec(Command("INCR", "counter"))), write);
    test::start(io_, failure_of(redis.exec(allowed)), repeatable);
    test::start(io_, redis.exec(Command("GET", "name")), read);
    const auto sent = [&] {
      return redis.calls() == before + 3;
    };
    co_await becomes(sent, 2s);

    server.restart();
    const auto answered = [&] {
      return write && repeatable && read;
    };
    co_await becomes(answered, 5s);

    EXPECT_EQ(write.value(), Errc::connection_lost);
    EXPECT_FALSE(repeatable.value());
    EXPECT_EQ(read.value().text(), "bob");
  });
}

TEST_F(ReconnectTest, LetsCommandsWaitUntilTheirDeadlineWhileThereIsNoServer) {
  test::RedisServer server;
  Client& redis = client(server.url());
  run([&]() -> awaitable<void> {
    co_await redis.wait_connected(2s);
    server.kill9();
    const auto gone = [&] {
      return !redis.connected();
    };
    co_await becomes(gone, 2s);

    const error_code late = co_await failure_of(redis.exec(Command("PING"), 50ms));
    std::optional<Reply> patient;
    test::start(io_, redis.exec(Command("PING"), 5s), patient);
    server.start();
    const auto answered = [&] {
      return patient.has_value();
    };
    co_await becomes(answered, 5s);

    EXPECT_EQ(late, Errc::timed_out);
    EXPECT_EQ(patient.value().text(), "PONG");
  });
}

TEST_F(ReconnectTest, BoundsTheQueueWhileThereIsNoServer) {
  Url nowhere;
  nowhere.scheme = Scheme::unix_socket;
  nowhere.path = "/nonexistent/redis.sock";
  Client& redis = client(nowhere, [](ClientOptions& options) { options.queue_limit = 2; });
  run([&]() -> awaitable<void> {
    std::optional<error_code> first;
    std::optional<error_code> second;
    test::start(io_, failure_of(redis.exec(Command("PING"), 100ms)), first);
    test::start(io_, failure_of(redis.exec(Command("PING"), 100ms)), second);
    co_await sleep_for(1ms);

    const error_code third = co_await failure_of(redis.exec(Command("PING"), 100ms));
    const auto answered = [&] {
      return first && second;
    };
    co_await becomes(answered, 2s);
    const error_code later = co_await failure_of(redis.exec(Command("PING"), 10ms));

    EXPECT_EQ(third, Errc::overloaded);
    EXPECT_EQ(first.value(), Errc::timed_out);
    EXPECT_EQ(later, Errc::timed_out);
    EXPECT_NE(redis.trouble().find("No such file"), std::string::npos) << redis.trouble();
  });
}

TEST_F(ReconnectTest, LeavesAServerThatStaysConnectedButSilent) {
  test::RedisServer server;
  Client& redis = client(server.url(), [](ClientOptions& o) { o.command_timeout = 100ms; });
  run([&]() -> awaitable<void> {
    co_await redis.wait_connected(2s);
    server.pause();

    const error_code silent = co_await failure_of(redis.exec(Command("PING")));
    const auto gone = [&] {
      return !redis.connected();
    };
    const bool left = co_await becomes(gone, 2s);
    server.resume();
    const error_code later = co_await failure_of(redis.wait_connected(5s));

    EXPECT_EQ(silent, Errc::timed_out);
    EXPECT_TRUE(left);
    EXPECT_FALSE(later);
  });
}

TEST_F(ReconnectTest, SignsInWithThePasswordOfTheUrl) {
  test::RedisServer server(
      {.durable = false,
       .arguments = {"--requirepass", "secret", "--user", "ada", "on", ">pw", "~ada:*", "+@all"}});
  Url right = server.url();
  right.password = "secret";
  Url wrong = server.url();
  wrong.password = "guess";
  Url ada = server.url();
  ada.user = "ada";
  ada.password = "pw";
  run([&]() -> awaitable<void> {
    Client& good = client(right);
    Client& bad = client(wrong);
    Client& user = client(ada);

    const Reply pong = co_await good.exec(Command("PING"));
    const Reply own = co_await user.exec(Command("SET", "ada:x", 1));
    const error_code foreign = co_await failure_of(user.exec(Command("SET", "bob:x", 1)));
    const error_code refused = co_await failure_of(bad.exec(Command("PING"), 200ms));

    EXPECT_EQ(pong.text(), "PONG");
    EXPECT_EQ(own.text(), "OK");
    EXPECT_EQ(foreign, Errc::server_error);
    EXPECT_EQ(refused, Errc::timed_out);
    EXPECT_NE(bad.trouble().find("WRONGPASS"), std::string::npos) << bad.trouble();
  });
}

// A port nobody listens on just now.
std::uint16_t free_port() {
  net::io_context io;
  Acceptor acceptor(io.get_executor(), tcp::endpoint(net::ip::address_v4::loopback(), 0));
  return acceptor.local_endpoint().port();
}

TEST_F(ReconnectTest, SpeaksTcp) {
  Url url;
  url.host = "localhost";
  url.port = free_port();
  test::RedisServer server(
      {.durable = false, .arguments = {"--port", std::to_string(url.port), "--bind", "127.0.0.1"}});
  Client& redis = client(url);
  run([&]() -> awaitable<void> {
    const Reply reply = co_await redis.exec(Command("ECHO", "hello"));

    EXPECT_EQ(reply.text(), "hello");
  });
}

class TlsTest : public ReconnectTest {
 protected:
  TlsTest() {
    url_.scheme = Scheme::tls;
    url_.host = "localhost";
    url_.port = free_port();
  }

  std::vector<std::string> arguments() const {
    return {"--tls-port",
            std::to_string(url_.port),
            "--tls-cert-file",
            files_.certificate(),
            "--tls-key-file",
            files_.key(),
            "--tls-ca-cert-file",
            files_.certificate(),
            "--tls-auth-clients",
            "no",
            "--bind",
            "127.0.0.1"};
  }

  test::Certificate files_;
  Url url_;
};

TEST_F(TlsTest, SpeaksTlsToAServerItCanVerify) {
  test::RedisServer server({.durable = false, .arguments = arguments()});
  Client& redis = client(url_, [this](ClientOptions& o) { o.tls_ca_file = files_.certificate(); });
  run([&]() -> awaitable<void> {
    Pipeline many;
    for (int i = 0; i < 1000; ++i) many.add("ECHO", std::string(1000, 'x'));

    const std::vector<Reply> replies = co_await redis.exec(std::move(many));

    EXPECT_EQ(replies.size(), 1000U);
    EXPECT_EQ(replies.back().text(), std::string(1000, 'x'));
  });
}

TEST_F(TlsTest, RefusesAServerItCannotVerifyUnlessToldTo) {
  test::RedisServer server({.durable = false, .arguments = arguments()});
  Url other = url_;
  other.host = "127.0.0.1";  // Not in the certificate.
  Client& unknown = client(url_);
  Client& misnamed =
      client(other, [this](ClientOptions& o) { o.tls_ca_file = files_.certificate(); });
  Client& careless = client(other, [](ClientOptions& o) { o.tls_verify = false; });
  run([&]() -> awaitable<void> {
    const Reply pong = co_await careless.exec(Command("PING"));
    const error_code first = co_await failure_of(unknown.exec(Command("PING"), 300ms));
    const error_code second = co_await failure_of(misnamed.exec(Command("PING"), 300ms));

    EXPECT_EQ(pong.text(), "PONG");
    EXPECT_EQ(first, Errc::timed_out);
    EXPECT_EQ(second, Errc::timed_out);
    EXPECT_NE(unknown.trouble().find("certificate"), std::string::npos) << unknown.trouble();
    EXPECT_NE(misnamed.trouble().find("certificate"), std::string::npos) << misnamed.trouble();
  });
}

}  // namespace
}  // namespace seendr::redis
