// One load for all who miss, in a process and between processes.
#include "cache/loads.hpp"

#include <set>

#include "host.hpp"

namespace seendr::cache {
namespace {

// Calls get_or_load beside the test, and keeps what becomes of each call.
class Readers {
 public:
  explicit Readers(net::io_context& io)
      : tasks_(io.get_executor(), [](const std::string&, std::exception_ptr) {}) {}

  void start(Cache& cache, std::string key, LoadOptions options, Source& source) {
    ++started_;
    tasks_.spawn("reader", read(cache, std::move(key), std::move(options), source.loader()));
  }
  awaitable<bool> all_done(Millis limit = 5000ms) {
    const auto done = [this] {
      return values.size() + failures.size() == started_;
    };
    co_return co_await becomes(done, limit);
  }
  void cancel() { tasks_.cancel(); }
  awaitable<void> join() { return tasks_.join(); }

  std::vector<std::string> values;
  std::vector<error_code> failures;

 private:
  awaitable<void> read(Cache& cache, std::string key, LoadOptions options,
                       std::function<awaitable<std::string>()> load) {
    try {
      std::string value = co_await cache.get_or_load<std::string>(key, options, load);
      values.push_back(std::move(value));
    } catch (const system_error& error) {
      failures.push_back(error.code());
    }
  }

  std::size_t started_ = 0;
  TaskGroup tasks_;
};

class LoadsTest : public CacheTest {
 protected:
  ~LoadsTest() override {
    run([this]() -> awaitable<void> { co_await readers_.join(); });
  }

  awaitable<std::string> load(Host& host, std::string key, Source& source) {
    return host.cache.get_or_load<std::string>(std::move(key), options_, source.loader());
  }

  LoadOptions options_;
  Source source_;
  Readers readers_{io()};
};

TEST_F(LoadsTest, AThousandMissesInTwoProcessesCauseOneLoad) {
  run([this]() -> awaitable<void> {
    Host& first = host();
    Host& second = host();
    co_await first.client.wait_connected(2s);
    co_await second.client.wait_connected(2s);
    for (int i = 0; i < 500; ++i) {
      readers_.start(first.cache, "k", options_, source_);
      readers_.start(second.cache, "k", options_, source_);
    }

    const bool done = co_await readers_.all_done();

    EXPECT_TRUE(done);
    EXPECT_EQ(readers_.values, std::vector<std::string>(1000, "value"));
    EXPECT_EQ(source_.loads, 1);
    EXPECT_EQ(first.counts("other").loads + second.counts("other").loads, 1U);
  });
}

TEST_F(LoadsTest, TheDeathOfTheLoaderCausesOneMoreLoadWithinTheTimeOfItsLease) {
  run([this]() -> awaitable<void> {
    CacheOptions options;
    options.load_limit = 500ms;
    Host& dying = host(options);
    Host& second = host(options);
    Host& third = host(options);
    for (Host* one : {&dying, &second, &third}) {
      co_await one->client.wait_connected(2s);
    }
    Source stuck;
    stuck.takes = 400ms;
    readers_.start(dying.cache, "k", options_, stuck);
    const auto loading = [&] {
      return stuck.loads == 1;
    };
    co_await becomes(loading, 2s);
    const auto begin = std::chrono::steady_clock::now();
    co_await dying.kill();
    for (int i = 0; i < 50; ++i) {
      readers_.start(second.cache, "k", options_, source_);
      readers_.start(third.cache, "k", options_, source_);
    }

    const bool done = co_await readers_.all_done();
    const auto took = std::chrono::steady_clock::now() - begin;

    EXPECT_TRUE(done);
    EXPECT_EQ(readers_.values.size(), 100U);
    EXPECT_EQ(source_.loads, 1);
    EXPECT_LT(took, options.load_limit + 1s);  // The lease, a look at it, the load; a busy machine.
  });
}

TEST_F(LoadsTest, AFailureIsToldToAllAndNotRepeatedForAWhile) {
  run([this]() -> awaitable<void> {
    CacheOptions options;
    options.back_off = 300ms;
    Host& first = host(options);
    Host& second = host(options);
    co_await first.client.wait_connected(2s);
    co_await second.client.wait_connected(2s);
    source_.fails = true;
    for (int i = 0; i < 100; ++i) readers_.start(first.cache, "k", options_, source_);
    co_await readers_.all_done();

    const error_code here = co_await failure_of(load(first, "k", source_));
    const error_code there = co_await failure_of(load(second, "k", source_));
    const int loads = source_.loads;
    source_.fails = false;
    std::string value;
    for (int i = 0; i < 200 && value.empty(); ++i) {
      co_await sleep_for(10ms);
      const error_code failure = co_await failure_of(load(first, "k", source_));
      if (!failure) value = "loaded";
    }

    EXPECT_EQ(readers_.failures.size(), 100U);
    EXPECT_EQ(readers_.failures.front(), boost::system::errc::io_error);
    EXPECT_EQ(here, boost::system::errc::io_error);
    EXPECT_EQ(there, Errc::load_failed);
    EXPECT_EQ(loads, 1);
    EXPECT_EQ(value, "loaded");
    EXPECT_EQ(first.counts("other").failed, 1U);
  });
}

TEST_F(LoadsTest, AReaderAfterARemovalDoesNotGetWhatWasBeingLoadedBefore) {
  run([this]() -> awaitable<void> {
    Host& first = host();
    Host& second = host();
    co_await first.client.wait_connected(2s);
    source_.value = "old";
    source_.takes = 100ms;
    readers_.start(first.cache, "k", options_, source_);
    const auto loading = [&] {
      return source_.loads == 1;
    };
    co_await becomes(loading, 2s);

    source_.value = "new";
    co_await second.cache.remove("k");
    const std::string here = co_await load(first, "k", source_);
    const std::string there = co_await load(second, "k", source_);
    const std::string stored = co_await raw(":1:k");

    EXPECT_EQ(readers_.values, std::vector<std::string>{"old"});
    EXPECT_EQ(here, "new");
    EXPECT_EQ(there, "new");
    EXPECT_EQ(stored, "\"new\"");
    EXPECT_EQ(source_.loads, 2);
  });
}

TEST_F(LoadsTest, AReaderAfterATagsInvalidationDoesNotEither) {
  run([this]() -> awaitable<void> {
    Host& own = host();
    co_await own.client.wait_connected(2s);
    options_.tags = {"t"};
    source_.value = "old";
    source_.takes = 100ms;
    readers_.start(own.cache, "k", options_, source_);
    const auto loading = [&] {
      return source_.loads == 1;
    };
    co_await becomes(loading, 2s);

    source_.value = "new";
    co_await own.cache.invalidate_tag("t");
    const std::string value = co_await load(own, "k", source_);
    co_await own.cache.invalidate_tag("t");
    source_.value = "newer";
    const std::string later = co_await load(own, "k", source_);

    EXPECT_EQ(value, "new");
    EXPECT_EQ(later, "newer");
  });
}

TEST_F(LoadsTest, AWriteIsNotReplacedByALoadThatBeganBefore) {
  run([this]() -> awaitable<void> {
    Host& own = host();
    co_await own.client.wait_connected(2s);
    source_.value = "old";
    source_.takes = 100ms;
    readers_.start(own.cache, "k", options_, source_);
    const auto loading = [&] {
      return source_.loads == 1;
    };
    co_await becomes(loading, 2s);
    co_await own.cache.set("k", std::string("written"));
    co_await readers_.all_done();

    const std::string value = co_await load(own, "k", source_);

    EXPECT_EQ(value, "written");
    EXPECT_EQ(source_.loads, 1);
  });
}

TEST_F(LoadsTest, ALeaseIsGivenBackByItsOwnerOnly) {
  run([this]() -> awaitable<void> {
    CacheOptions options;
    options.load_limit = 2000ms;
    Host& own = host(options);
    co_await own.client.wait_connected(2s);
    source_.takes = 100ms;
    readers_.start(own.cache, "k", options_, source_);
    const auto loading = [&] {
      return source_.loads == 1;
    };
    co_await becomes(loading, 2s);
    co_await set_raw("seendr:cache:lease::1:k", "another's");  // As if the lease had run out.

    co_await readers_.all_done();
    const std::string lease = co_await raw("seendr:cache:lease::1:k");
    const std::string stored = co_await raw(":1:k");

    EXPECT_EQ(readers_.values, std::vector<std::string>{"value"});
    EXPECT_EQ(lease, "another's");
    EXPECT_EQ(stored, "(none)");
  });
}

TEST_F(LoadsTest, AFailedLoadGivesBackNoLeaseOfAnother) {
  run([this]() -> awaitable<void> {
    Host& own = host();
    co_await own.client.wait_connected(2s);
    source_.takes = 100ms;
    source_.fails = true;
    readers_.start(own.cache, "k", options_, source_);
    const auto loading = [&] {
      return source_.loads == 1;
    };
    co_await becomes(loading, 2s);
    co_await set_raw("seendr:cache:lease::1:k", "another's");  // As if the lease had run out.

    co_await readers_.all_done();
    const std::string lease = co_await raw("seendr:cache:lease::1:k");
    const std::string failure = co_await raw("seendr:cache:failure::1:k");

    EXPECT_EQ(readers_.failures.size(), 1U);
    EXPECT_EQ(lease, "another's");
    EXPECT_EQ(failure, "(none)");
  });
}

TEST_F(LoadsTest, LeasesAreGivenBackWhenTheCacheIsClosed) {
  run([this]() -> awaitable<void> {
    Host& own = host();
    co_await own.client.wait_connected(2s);
    source_.takes = 3000ms;
    readers_.start(own.cache, "k", options_, source_);
    const auto loading = [&] {
      return source_.loads == 1;
    };
    co_await becomes(loading, 2s);

    co_await own.cache.close();
    co_await readers_.all_done();
    const std::string lease = co_await raw("seendr:cache:lease::1:k");
    const error_code later = co_await failure_of(load(own, "k", source_));

    EXPECT_EQ(readers_.failures, std::vector<error_code>{Errc::stopped});
    EXPECT_EQ(lease, "(none)");
    EXPECT_EQ(later, Errc::stopped);
  });
}

TEST_F(LoadsTest, WaitsForAnotherProcessForABoundedTime) {
  run([this]() -> awaitable<void> {
    CacheOptions options;
    options.wait_limit = 100ms;
    Host& own = host(options);
    co_await own.client.wait_connected(2s);
    co_await set_raw("seendr:cache:lease::1:k", "another's");

    const error_code failure = co_await failure_of(load(own, "k", source_));

    EXPECT_EQ(failure, Errc::wait_timeout);
    EXPECT_EQ(source_.loads, 0);
  });
}

TEST_F(LoadsTest, ACallerWhoGoesTakesNobodysLoadAlong) {
  run([this]() -> awaitable<void> {
    Host& own = host();
    co_await own.client.wait_connected(2s);
    source_.takes = 100ms;
    Readers going(io());
    going.start(own.cache, "k", options_, source_);
    const auto loading = [&] {
      return source_.loads == 1;
    };
    co_await becomes(loading, 2s);
    readers_.start(own.cache, "k", options_, source_);
    going.cancel();
    co_await going.join();

    co_await readers_.all_done();

    EXPECT_EQ(readers_.values, std::vector<std::string>{"value"});
    EXPECT_EQ(source_.loads, 1);
  });
}

TEST_F(LoadsTest, ALoadThatTakesTooLongFails) {
  run([this]() -> awaitable<void> {
    CacheOptions options;
    options.load_limit = 50ms;
    Host& own = host(options);
    co_await own.client.wait_connected(2s);
    source_.takes = 3000ms;

    const error_code failure = co_await failure_of(load(own, "k", source_));

    EXPECT_EQ(failure, boost::system::errc::timed_out);
  });
}

TEST_F(LoadsTest, LoadsABoundedNumberOfKeysAtOnce) {
  run([this]() -> awaitable<void> {
    CacheOptions options;
    options.concurrent_loads = 3;
    Host& own = host(options);
    co_await own.client.wait_connected(2s);
    source_.takes = 200ms;
    for (int i = 0; i < 5; ++i) {
      readers_.start(own.cache, "k" + std::to_string(i), options_, source_);
    }

    co_await readers_.all_done();

    EXPECT_EQ(readers_.values.size(), 3U);
    EXPECT_EQ(readers_.failures, std::vector<error_code>(2, Errc::overloaded));
  });
}

TEST_F(LoadsTest, LifetimesAreSpread) {
  run([this]() -> awaitable<void> {
    Host& own = host();
    co_await own.client.wait_connected(2s);
    options_.ttl = 1000s;
    source_.takes = 0ms;
    std::set<std::int64_t> lives;
    for (int i = 0; i < 20; ++i) {
      const std::string key = "k" + std::to_string(i);
      co_await load(own, key, source_);
      const std::optional<Millis> left = co_await own.cache.ttl(key);
      lives.insert(left.value().count() / 1000);
    }

    EXPECT_GE(*lives.begin(), 899);
    EXPECT_LE(*lives.rbegin(), 1000);
    EXPECT_GT(lives.size(), 5U);
  });
}

}  // namespace
}  // namespace seendr::cache
