// The level in the process: what it serves, and when it must not.
#include "cache/tracking.hpp"

#include <sstream>

#include "host.hpp"

namespace seendr::cache {
namespace {

class TrackingTest : public CacheTest {
 protected:
  static CacheOptions remembering() {
    CacheOptions options;
    options.memory.limit_bytes = 1 << 20;
    return options;
  }

  // Whether the host comes to serve the key from its memory.
  awaitable<bool> remembers(Host& host, std::string key) {
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    const Counts before = host.counts("other");
    while (std::chrono::steady_clock::now() < deadline) {
      const error_code ignored = co_await failure_of(host.cache.get<int>(key));
      if (!ignored && host.counts("other").memory_hits > before.memory_hits) co_return true;
      co_await sleep_for(2ms);
    }
    co_return false;
  }

  // Writes again until it works: the loss of a connection may still be news to come.
  awaitable<bool> sets(Host& host, std::string key, int value) {
    const auto deadline = std::chrono::steady_clock::now() + 2s;
    while (std::chrono::steady_clock::now() < deadline) {
      const error_code failure = co_await failure_of(host.cache.set(key, value));
      if (!failure) co_return true;
      co_await sleep_for(2ms);
    }
    co_return false;
  }

  // Whether the host comes to see the value.
  awaitable<bool> sees(Host& host, std::string key, std::optional<int> value) {
    const auto deadline = std::chrono::steady_clock::now() + 2s;
    while (std::chrono::steady_clock::now() < deadline) {
      std::optional<int> seen;
      try {
        seen = co_await host.cache.get<int>(key);
        if (seen == value) co_return true;
      } catch (const system_error&) {
        seen = std::nullopt;  // Redis is on its way back.
      }
      co_await sleep_for(1ms);
    }
    co_return false;
  }

  // Closes the connections that have this name, from Redis' side.
  awaitable<int> kill_connections(redis::Client& client, std::string name) {
    redis::Command list("CLIENT", "LIST");
    const redis::Reply reply = co_await client.exec(std::move(list));
    std::istringstream lines(reply.text());
    int killed = 0;
    for (std::string line; std::getline(lines, line);) {
      if (line.find(" name=" + name + " ") == std::string::npos) continue;
      const std::string id = line.substr(3, line.find(' ') - 3);
      redis::Command kill("CLIENT", "KILL", "ID", id);
      co_await client.exec(std::move(kill));
      ++killed;
    }
    co_return killed;
  }

  awaitable<std::uint64_t> calls_of_reads(Host& host, int reads) {
    const std::uint64_t before = host.client.calls();
    for (int i = 0; i < reads; ++i) {
      co_await host.cache.get<int>("k");
    }
    co_return host.client.calls() - before;
  }
};

TEST_F(TrackingTest, WhatWasReadIsServedWithoutRedis) {
  run([this]() -> awaitable<void> {
    Host& own = host(remembering());
    co_await own.cache.set("k", 1);
    const bool remembered = co_await remembers(own, "k");

    const std::uint64_t calls = co_await calls_of_reads(own, 100);

    EXPECT_TRUE(remembered);
    EXPECT_EQ(calls, 0U);
    EXPECT_GT(own.cache.memory_bytes(), 0U);
  });
}

TEST_F(TrackingTest, AReadMayGoPastTheMemory) {
  run([this]() -> awaitable<void> {
    Host& own = host(remembering());
    co_await own.cache.set("k", 1);
    const bool remembered = co_await remembers(own, "k");
    LoadOptions options;
    options.from_memory = false;
    std::function<awaitable<int>()> load = []() -> awaitable<int> {
      co_return 2;
    };

    const std::uint64_t before = own.client.calls();
    const int value = co_await own.cache.get_or_load<int>("k", options, load);

    EXPECT_TRUE(remembered);
    EXPECT_EQ(value, 1);
    EXPECT_GT(own.client.calls(), before);
  });
}

TEST_F(TrackingTest, AWriteByAnotherClientIsSeen) {
  run([this]() -> awaitable<void> {
    Host& own = host(remembering());
    Host& other = host();
    co_await own.cache.set("k", 1);
    const bool remembered = co_await remembers(own, "k");

    co_await other.cache.set("k", 2);
    const bool after_ours = co_await sees(own, "k", 2);
    co_await remembers(own, "k");
    co_await set_raw(":1:k", "3");  // As Django writes.
    const bool after_django = co_await sees(own, "k", 3);
    co_await remembers(own, "k");
    co_await other.cache.remove("k");
    const bool after_removal = co_await sees(own, "k", std::nullopt);

    EXPECT_TRUE(remembered);
    EXPECT_TRUE(after_ours);
    EXPECT_TRUE(after_django);
    EXPECT_TRUE(after_removal);
  });
}

TEST_F(TrackingTest, AnOwnWriteIsSeenAtOnce) {
  run([this]() -> awaitable<void> {
    Host& own = host(remembering());
    co_await own.cache.set("k", 0);
    co_await remembers(own, "k");
    for (int i = 1; i <= 100; ++i) {
      co_await own.cache.get<int>("k");
      co_await own.cache.set("k", i);
      const std::optional<int> seen = co_await own.cache.get<int>("k");
      EXPECT_EQ(seen, i);
    }
  });
}

TEST_F(TrackingTest, ATagInvalidatedByAnotherClientTakesWhatIsRemembered) {
  run([this]() -> awaitable<void> {
    Host& own = host(remembering());
    Host& other = host();
    WriteOptions tagged;
    tagged.tags = {"t"};
    co_await own.cache.set("k", 1, tagged);
    const bool remembered = co_await remembers(own, "k");

    co_await other.cache.invalidate_tag("t");
    const bool gone = co_await sees(own, "k", std::nullopt);

    EXPECT_TRUE(remembered);
    EXPECT_TRUE(gone);
  });
}

TEST_F(TrackingTest, EverythingIsForgottenWhenRedisIsEmptied) {
  run([this]() -> awaitable<void> {
    Host& own = host(remembering());
    co_await own.cache.set("k", 1);
    co_await remembers(own, "k");

    const redis::Command flush("FLUSHDB");
    co_await redis().exec(flush);
    const bool gone = co_await sees(own, "k", std::nullopt);

    EXPECT_TRUE(gone);
  });
}

TEST_F(TrackingTest, EverythingIsForgottenWhenTheListeningConnectionIsLost) {
  run([this]() -> awaitable<void> {
    Host& own = host(remembering());
    co_await own.cache.set("k", 1);
    const bool remembered = co_await remembers(own, "k");
    const std::size_t bytes = own.cache.memory_bytes();

    const int killed = co_await kill_connections(redis(), "cache-tracking");
    const auto emptied = [&] {
      return own.cache.memory_bytes() == 0;
    };
    const bool forgotten = co_await becomes(emptied, 2s);
    const bool again = co_await remembers(own, "k");
    co_await set_raw(":1:k", "2");
    const bool seen = co_await sees(own, "k", 2);

    EXPECT_TRUE(remembered);
    EXPECT_GT(bytes, 0U);
    EXPECT_EQ(killed, 1);
    EXPECT_TRUE(forgotten);
    EXPECT_TRUE(again);
    EXPECT_TRUE(seen);
  });
}

TEST_F(TrackingTest, EverythingIsForgottenWhenTheReadingConnectionIsLost) {
  run([this]() -> awaitable<void> {
    Host& own = host(remembering());
    co_await own.cache.set("k", 1);
    co_await remembers(own, "k");

    const int killed = co_await kill_connections(redis(), "cache");
    const auto lost = [&] {
      return !own.client.connected() || own.client.connections() > 1;
    };
    co_await becomes(lost, 2s);
    co_await set_raw(":1:k", "2");  // Redis has forgotten what the old connection read.
    const std::optional<int> seen = co_await own.cache.get<int>("k");
    const bool again = co_await remembers(own, "k");
    co_await set_raw(":1:k", "3");
    const bool tracked = co_await sees(own, "k", 3);

    EXPECT_EQ(killed, 1);
    EXPECT_EQ(seen, 2);
    EXPECT_TRUE(again);
    EXPECT_TRUE(tracked);
  });
}

TEST_F(TrackingTest, NothingReadOnAnEarlierConnectionIsServedOnTheNext) {
  run([this]() -> awaitable<void> {
    Host& own = host(remembering());
    co_await own.cache.set("k", 1);
    co_await remembers(own, "k");

    co_await kill_connections(redis(), "cache");
    const auto back = [&] {
      return own.client.connections() > 1;
    };
    const bool is_back = co_await becomes(back, 2s);
    co_await set_raw(":1:k", "2");  // Nobody read while the connection was away.
    const std::optional<int> seen = co_await own.cache.get<int>("k");
    co_await remembers(own, "k");
    co_await set_raw(":1:k", "3");
    const bool tracked = co_await sees(own, "k", 3);

    EXPECT_TRUE(is_back);
    EXPECT_EQ(seen, 2);
    EXPECT_TRUE(tracked);
  });
}

TEST_F(TrackingTest, AValueIsAskedForAgainAfterItsGreatestAge) {
  run([this]() -> awaitable<void> {
    CacheOptions options = remembering();
    options.memory.max_age = 50ms;
    Host& own = host(options);
    co_await own.cache.set("k", 1);
    co_await remembers(own, "k");
    co_await sleep_for(60ms);

    const std::uint64_t calls = co_await calls_of_reads(own, 1);

    EXPECT_GT(calls, 0U);
  });
}

TEST_F(TrackingTest, AValueIsNotServedBeyondItsLifetime) {
  run([this]() -> awaitable<void> {
    Host& own = host(remembering());
    co_await own.cache.set("k", 1, 300ms);
    const bool remembered = co_await remembers(own, "k");
    const bool gone = co_await sees(own, "k", std::nullopt);

    EXPECT_TRUE(remembered);
    EXPECT_TRUE(gone);
  });
}

TEST_F(TrackingTest, EverythingWorksWithinTwoSecondsOfARestartUnderLoad) {
  test::RedisServer server;
  run([&]() -> awaitable<void> {
    CacheOptions options = remembering();
    options.redis_limit = 200ms;
    Host& own = host_at(server.url(), options);
    Host& other = host_at(server.url(), options);
    co_await own.cache.set("k", 1);
    const bool before = co_await remembers(own, "k");
    Source source;
    source.takes = 1ms;
    LoadOptions load_options;
    load_options.ttl = 20ms;
    bool stop = false;
    std::map<std::string, int> failures;
    TaskGroup load(io().get_executor(),
                   [&](const std::string&, std::exception_ptr error) { ++failures[what(error)]; });
    const auto reader = [&](int number) -> awaitable<void> {
      Cache& cache = number % 2 == 0 ? own.cache : other.cache;
      const std::string key = "user:" + std::to_string(number % 5);
      while (!stop) {
        co_await cache.get_or_load<std::string>(key, load_options, source.loader());
        co_await sleep_for(1ms);
      }
    };
    for (int i = 0; i < 20; ++i) load.spawn("reader", reader(i));
    co_await sleep_for(50ms);

    server.restart();
    const auto begin = std::chrono::steady_clock::now();
    const bool written = co_await sets(own, "k", 2);
    const bool after = co_await remembers(own, "k");
    const auto took = std::chrono::steady_clock::now() - begin;
    const bool written_elsewhere = co_await sets(other, "k", 3);
    const bool tracked = co_await sees(own, "k", 3);
    stop = true;
    co_await load.join();

    EXPECT_TRUE(before);
    EXPECT_TRUE(written);
    EXPECT_TRUE(written_elsewhere);
    EXPECT_TRUE(after);
    EXPECT_LT(took, 2s);
    EXPECT_TRUE(tracked);
    EXPECT_TRUE(failures.empty()) << failures.begin()->first;
  });
}

TEST_F(TrackingTest, WithoutRedisEveryProcessLoadsForItself) {
  test::RedisServer server;
  run([&]() -> awaitable<void> {
    CacheOptions cache_options = remembering();
    cache_options.redis_limit = 5s;  // Nobody waits for a Redis that is known to be away.
    Host& own = host_at(server.url(), cache_options);
    co_await own.client.wait_connected(2s);
    server.kill9();
    const auto gone = [&] {
      return !own.client.connected();
    };
    co_await becomes(gone, 2s);
    Source source;
    LoadOptions options;
    std::vector<std::optional<std::string>> values(100);
    for (auto& value : values) {
      test::start(io(), own.cache.get_or_load<std::string>("k", options, source.loader()), value);
    }
    const auto done = [&] {
      return std::none_of(values.begin(), values.end(),
                          [](const auto& value) { return !value.has_value(); });
    };

    const bool all = co_await becomes(done, 2s);

    EXPECT_TRUE(all);
    EXPECT_EQ(values.back(), "value");
    EXPECT_LE(source.loads, 2);  // Who came during the first waits for the second.
  });
}

}  // namespace
}  // namespace seendr::cache
