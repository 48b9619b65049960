#include "redis/transport.hpp"

#include <filesystem>

#include "support/redis_test.hpp"

namespace seendr::redis {
namespace {

using test::failure_of;

const TlsOptions kNoTls;

Url unix_url(const std::string& path) {
  Url url;
  url.scheme = Scheme::unix_socket;
  url.path = path;
  return url;
}

TEST(Transport, SaysThatThereIsNoSocket) {
  test::run([]() -> awaitable<void> {
    const Url url = unix_url("/nonexistent/redis.sock");

    const error_code error = co_await failure_of(Transport::connect(url, kNoTls));

    EXPECT_EQ(error, boost::system::errc::no_such_file_or_directory);
  });
}

TEST(Transport, SaysThatNobodyListens) {
  test::run([]() -> awaitable<void> {
    Url url;
    {
      const Executor executor = co_await net::this_coro::executor;
      Acceptor closed(executor, tcp::endpoint(net::ip::address_v4::loopback(), 0));
      url.port = closed.local_endpoint().port();
    }

    const error_code error = co_await failure_of(Transport::connect(url, kNoTls));

    EXPECT_EQ(error, boost::system::errc::connection_refused);
  });
}

TEST(Transport, CarriesBytesBothWays) {
  test::RedisServer server;
  test::run([&]() -> awaitable<void> {
    const Url url = server.url();
    const std::unique_ptr<Transport> transport = co_await Transport::connect(url, kNoTls);
    std::string got(100, '\0');
    std::optional<std::size_t> size;
    const auto written = [](error_code error, std::size_t) {
      EXPECT_FALSE(error);
    };
    const auto received = [&](error_code, std::size_t count) {
      size = count;
    };

    transport->read_some(net::buffer(got), received);
    transport->write(net::buffer("PING\r\n", 6), written);
    const auto answered = [&] {
      return size.has_value();
    };
    co_await test::becomes(answered, Millis(2000));

    EXPECT_EQ(got.substr(0, size.value()), "+PONG\r\n");
  });
}

TEST(Transport, EndsAReadWhenItIsClosed) {
  test::RedisServer server;
  test::run([&]() -> awaitable<void> {
    const Url url = server.url();
    const std::unique_ptr<Transport> transport = co_await Transport::connect(url, kNoTls);
    std::string got(100, '\0');
    std::optional<error_code> outcome;
    const auto received = [&](error_code error, std::size_t) {
      outcome = error;
    };
    transport->read_some(net::buffer(got), received);

    transport->close();
    const auto ended = [&] {
      return outcome.has_value();
    };
    co_await test::becomes(ended, Millis(2000));

    EXPECT_EQ(outcome.value(), net::error::operation_aborted);
  });
}

}  // namespace
}  // namespace seendr::redis
