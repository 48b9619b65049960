// What counts as a value and what does not.
#include "codec/deflate.hpp"

#include "host.hpp"

namespace seendr::cache {
namespace {

const std::string kPickled("\x80\x04\x95\x0b\x00\x00\x00", 7);

TEST_F(CacheTest, PickledBytesAreAMiss) {
  run([this]() -> awaitable<void> {
    Host& own = host();
    Source source;
    LoadOptions options;
    co_await set_raw(":1:a", kPickled);
    co_await set_raw(":1:b", deflate(kPickled));

    const std::optional<json::value> a = co_await own.cache.get<json::value>("a");
    const std::string b =
        co_await own.cache.get_or_load<std::string>("b", options, source.loader());
    const std::string stored = co_await raw(":1:b");

    EXPECT_EQ(a, std::nullopt);
    EXPECT_EQ(b, "value");
    EXPECT_EQ(stored, "\"value\"");
  });
}

TEST_F(CacheTest, PickledBytesAreNamedInTheLogOnce) {
  test::TestEnv test_env;
  const Env loud{test_env.system_clock, test_env.random, Logger(LogFormat::json, LogLevel::warn),
                 test_env.metrics};
  testing::internal::CaptureStderr();
  run([&]() -> awaitable<void> {
    Cache cache(loud, redis(), CacheOptions());
    co_await set_raw(":1:text", "\"fine, but of another type\"");
    co_await set_raw(":1:a", kPickled);
    co_await set_raw(":1:b", kPickled);
    co_await cache.get<int>("text");
    co_await cache.get<int>("a");
    co_await cache.get<int>("b");
    co_await cache.close();
  });
  const std::string log = testing::internal::GetCapturedStderr();

  const std::size_t first = log.find("cache_value_pickled");
  EXPECT_NE(first, std::string::npos) << log;
  EXPECT_EQ(log.find("cache_value_pickled", first + 1), std::string::npos) << log;
  EXPECT_NE(log.find("JSONSerializer"), std::string::npos) << log;
}

TEST_F(CacheTest, AValueOfAnotherTypeIsAMissAndLoadedAgain) {
  run([this]() -> awaitable<void> {
    Host& own = host();
    Source source;
    LoadOptions options;
    co_await own.cache.set("k", 5);

    const std::string value =
        co_await own.cache.get_or_load<std::string>("k", options, source.loader());

    EXPECT_EQ(value, "value");
    EXPECT_EQ(source.loads, 1);
  });
}

TEST_F(CacheTest, WhatDjangoWroteOverATaggedValueDependsOnNoTag) {
  run([this]() -> awaitable<void> {
    Cache& cache = host().cache;
    WriteOptions options;
    options.tags = {"t"};
    co_await cache.set("k", 1, options);
    co_await set_raw(":1:k", "2");
    co_await cache.invalidate_tag("t");

    const std::optional<int> value = co_await cache.get<int>("k");

    EXPECT_EQ(value, 2);
  });
}

TEST_F(CacheTest, AValueOverTheLimitIsAMiss) {
  run([this]() -> awaitable<void> {
    CacheOptions options;
    options.value_limit = 1000;
    Cache& cache = host(options).cache;
    co_await cache.set("k", std::string(2000, 'x'));

    const std::optional<std::string> value = co_await cache.get<std::string>("k");

    EXPECT_EQ(value, std::nullopt);
  });
}

TEST_F(CacheTest, ARedisThatDoesNotAnswerIsAnErrorForThePlainCalls) {
  test::RedisServer own;
  run([&]() -> awaitable<void> {
    CacheOptions options;
    options.redis_limit = 100ms;
    Host& host = host_at(own.url(), options);
    co_await host.client.wait_connected(2s);
    own.pause();

    const error_code read = co_await failure_of(host.cache.get<int>("k"));
    const error_code write = co_await failure_of(host.cache.set("k", 1));
    own.resume();

    EXPECT_EQ(read, redis::Errc::timed_out);
    EXPECT_EQ(write, redis::Errc::timed_out);
  });
}

}  // namespace
}  // namespace seendr::cache
