// Values that are renewed before and after they expire, and absence as a value.
#include <set>

#include "cache/memoize.hpp"

#include "host.hpp"

namespace seendr::cache {
namespace {

class RefreshTest : public CacheTest {
 protected:
  awaitable<std::string> load(Host& host, Source& source) {
    return host.cache.get_or_load<std::string>("k", options_, source.loader());
  }
  // Redis counts the value as this old from now on.
  awaitable<void> leave(Millis left) {
    redis::Command expire("PEXPIRE", ":1:k", left.count());
    co_await redis().exec(std::move(expire));
  }

  LoadOptions options_;
  Source source_;
};

TEST_F(RefreshTest, AnExpiredValueIsServedWhileOneLoads) {
  run([this]() -> awaitable<void> {
    Host& first = host();
    Host& second = host();
    co_await first.client.wait_connected(2s);
    co_await second.client.wait_connected(2s);
    options_.ttl = 100s;
    options_.stale = 50s;
    source_.value = "old";
    co_await load(first, source_);
    co_await leave(40s);  // Of which 50 s are those in which it is stale.
    source_.value = "new";
    source_.takes = 1000ms;

    const auto begin = std::chrono::steady_clock::now();
    const std::string served = co_await load(first, source_);
    const std::string elsewhere = co_await load(second, source_);
    const auto took = std::chrono::steady_clock::now() - begin;
    const std::optional<std::string> plain = co_await first.cache.get<std::string>("k");
    std::string later = "old";
    for (int i = 0; i < 200 && later == "old"; ++i) {
      co_await sleep_for(10ms);
      later = co_await load(second, source_);
    }

    EXPECT_EQ(served, "old");
    EXPECT_EQ(elsewhere, "old");
    EXPECT_LT(took, source_.takes);
    EXPECT_EQ(plain, std::nullopt);  // get() takes it for expired.
    EXPECT_EQ(later, "new");
    EXPECT_EQ(source_.loads, 2);
    EXPECT_EQ(first.counts("other").stale, 1U);
  });
}

TEST_F(RefreshTest, AValueNearItsEndIsRefreshedBeforeItExpires) {
  run([this]() -> awaitable<void> {
    Host& own = host();
    co_await own.client.wait_connected(2s);
    options_.early = 1e6;  // 20 ms of loading make 20,000 s, times a random number around one.
    source_.value = "old";
    co_await load(own, source_);
    co_await leave(20s);
    source_.value = "new";

    const std::string served = co_await load(own, source_);
    const auto loaded = [&] {
      return own.counts("other").loads == 2;
    };
    const bool refreshed = co_await becomes(loaded, 2s);
    options_.early = 0.0;
    std::string later = "old";
    for (int i = 0; i < 100 && later == "old"; ++i) later = co_await load(own, source_);

    EXPECT_EQ(served, "old");
    EXPECT_TRUE(refreshed);
    EXPECT_EQ(later, "new");
    EXPECT_EQ(source_.loads, 2);
  });
}

TEST_F(RefreshTest, AValueIsNotRefreshedEarlyUnlessItIsNearItsEnd) {
  run([this]() -> awaitable<void> {
    Host& own = host();
    co_await own.client.wait_connected(2s);
    for (int i = 0; i < 200; ++i) {
      co_await load(own, source_);
    }

    EXPECT_EQ(source_.loads, 1);
  });
}

TEST_F(RefreshTest, AFailedRefreshLeavesTheStaleValueAndIsNotRepeatedAtOnce) {
  run([this]() -> awaitable<void> {
    Host& own = host();
    co_await own.client.wait_connected(2s);
    options_.ttl = 100s;
    options_.stale = 50s;
    co_await load(own, source_);
    co_await leave(40s);
    source_.fails = true;
    source_.takes = 1ms;

    std::set<std::string> served;
    for (int i = 0; i < 20; ++i) {
      const std::string value = co_await load(own, source_);
      served.insert(value);
      co_await sleep_for(2ms);
    }

    EXPECT_EQ(served, std::set<std::string>{"value"});
    EXPECT_EQ(source_.loads, 2);
  });
}

TEST_F(RefreshTest, AbsenceIsKeptForItsOwnTime) {
  run([this]() -> awaitable<void> {
    Host& own = host();
    co_await own.client.wait_connected(2s);
    int loads = 0;
    std::function<awaitable<std::optional<int>>()> nothing =
        [&]() -> awaitable<std::optional<int>> {
      ++loads;
      co_return std::nullopt;
    };
    options_.negative_ttl = 20s;

    const std::optional<int> first =
        co_await own.cache.get_or_load<std::optional<int>>("k", options_, nothing);
    const std::optional<int> second =
        co_await own.cache.get_or_load<std::optional<int>>("k", options_, nothing);
    const std::string stored = co_await raw(":1:k");
    const std::optional<Millis> left = co_await own.cache.ttl("k");
    options_.negative_ttl = 0ms;
    co_await own.cache.remove("k");
    co_await own.cache.get_or_load<std::optional<int>>("k", options_, nothing);
    const std::string not_stored = co_await raw(":1:k");

    EXPECT_EQ(first, std::nullopt);
    EXPECT_EQ(second, std::nullopt);
    EXPECT_EQ(stored, "null");
    EXPECT_TRUE(left > 15s && left <= 20s);
    EXPECT_EQ(not_stored, "(none)");
    EXPECT_EQ(loads, 2);
  });
}

TEST_F(RefreshTest, AMemoizedFunctionRunsOncePerArgumentsUntilTheyAreInvalidated) {
  run([this]() -> awaitable<void> {
    Host& own = host();
    co_await own.client.wait_connected(2s);
    std::map<std::string, int> calls;
    using Maybe = std::optional<std::string>;
    Memoized<Maybe, UserId, std::string>::Function greet =
        [&](UserId id, std::string language) -> awaitable<Maybe> {
      ++calls[id.text() + language];
      if (id.value == 0) co_return std::nullopt;
      co_return language + id.text();
    };
    MemoOptions options;
    options.name = "greet";
    Memoized<Maybe, UserId, std::string> greeting(own.cache, options, greet);

    const UserId ada{7};
    const UserId stranger{0};
    const Maybe first = co_await greeting(ada, "en");
    const Maybe again = co_await greeting(ada, "en");
    const Maybe french = co_await greeting(ada, "fr");
    const Maybe nobody = co_await greeting(stranger, "en");
    co_await greeting(stranger, "en");
    co_await greeting.invalidate(ada, "en");
    co_await greeting(ada, "en");
    co_await greeting(ada, "fr");

    EXPECT_EQ(first, "en7");
    EXPECT_EQ(again, "en7");
    EXPECT_EQ(french, "fr7");
    EXPECT_EQ(nobody, std::nullopt);
    EXPECT_EQ(calls, (std::map<std::string, int>{{"7en", 2}, {"7fr", 1}, {"0en", 1}}));
    EXPECT_EQ(greeting.key(ada, "en"), "greet:7:en");
    EXPECT_EQ(own.counts("greet").loads, 4U);
  });
}

TEST_F(RefreshTest, AMemoizedFunctionDependsOnTheTagsOfItsArguments) {
  run([this]() -> awaitable<void> {
    Host& own = host();
    co_await own.client.wait_connected(2s);
    int calls = 0;
    Memoized<int, int>::Function count = [&](int) -> awaitable<int> {
      co_return ++calls;
    };
    Memoized<int, int>::Tags tags = [](const int& team) {
      return std::vector<std::string>{"team:" + std::to_string(team)};
    };
    MemoOptions options;
    options.name = "size";
    Memoized<int, int> size(own.cache, options, count, tags);
    co_await size(1);
    co_await size(2);

    co_await own.cache.invalidate_tag("team:1");
    const int first = co_await size(1);
    const int second = co_await size(2);

    EXPECT_EQ(first, 3);
    EXPECT_EQ(second, 2);
  });
}

}  // namespace
}  // namespace seendr::cache
