// The cache against a model: random reads, writes to the source, invalidations, failing loads and
// lost connections, over several processes, with fixed seeds.
//
// The model is the source itself: each key has a version that only grows. A write makes a new
// version and then invalidates, by key or by tag. What a reader gets must be at least the version
// whose invalidation had ended when the reader began, and at most the version of now.
#include <random>

#include "host.hpp"

namespace seendr::cache {
namespace {

constexpr int kKeys = 6;

struct Model {
  std::vector<int> version = std::vector<int>(kKeys, 0);  // In the source.
  std::vector<int> settled = std::vector<int>(kKeys, 0);  // Invalidated up to here, for everybody.
  int reads = 0;
  int failed = 0;
  std::vector<std::string> breaches;
};

std::string name_of(int key) {
  return "model:" + std::to_string(key);
}

// Half of the keys are invalidated by their tag.
bool has_tag(int key) {
  return key % 2 == 1;
}

std::string tag_of(int key) {
  return "tag:" + std::to_string(key);
}

class ModelTest : public CacheTest {
 protected:
  awaitable<int> load(int key) {
    const int seen = model_.version[static_cast<std::size_t>(key)];
    const Millis pause(random_() % 4);
    const bool fails = random_() % 10 == 0;
    co_await sleep_for(pause);
    if (fails) throw system_error(make_error_code(boost::system::errc::io_error));
    co_return seen;
  }

  awaitable<void> read(Host& host, int key, LoadOptions options, bool is_strict) {
    const auto at = static_cast<std::size_t>(key);
    const int least = is_strict ? model_.settled[at] : 0;
    if (has_tag(key)) options.tags.push_back(tag_of(key));
    std::function<awaitable<int>()> loader = [this, key] {
      return load(key);
    };
    int got = -1;
    try {
      got = co_await host.cache.get_or_load<int>(name_of(key), options, loader);
    } catch (const system_error&) {
      ++model_.failed;
      co_return;
    }
    ++model_.reads;
    if (got < least || got > model_.version[at]) {
      model_.breaches.push_back(name_of(key) + ": got " + std::to_string(got) + ", settled " +
                                std::to_string(least) + ", source " +
                                std::to_string(model_.version[at]));
    }
  }

  awaitable<void> write(Host& host, int key) {
    const auto at = static_cast<std::size_t>(key);
    const int version = ++model_.version[at];
    if (has_tag(key)) {
      co_await host.cache.invalidate_tag(tag_of(key));
    } else {
      co_await host.cache.remove(name_of(key));
    }
    model_.settled[at] = std::max(model_.settled[at], version);
  }

  // One of many that work at the same time.
  awaitable<void> work(std::vector<Host*> hosts, LoadOptions options, bool is_strict) {
    for (int step = 0; step < 60; ++step) {
      Host& host = *hosts[random_() % hosts.size()];
      const int key = static_cast<int>(random_() % kKeys);
      if (random_() % 8 == 0) {
        co_await write(host, key);
      } else {
        co_await read(host, key, options, is_strict);
      }
      const Millis pause(random_() % 3);
      if (pause.count() > 0) {
        co_await sleep_for(pause);
      }
    }
  }

  awaitable<void> schedule(unsigned seed, CacheOptions cache_options, LoadOptions options,
                           bool is_strict) {
    random_.seed(seed);
    model_ = Model();
    cache_options.back_off = 5ms;
    cache_options.prefix = "seed" + std::to_string(seed);
    hosts_now_.clear();
    for (int i = 0; i < 3; ++i) hosts_now_.push_back(&host(cache_options));
    for (Host* one : hosts_now_) {
      co_await one->client.wait_connected(2s);
    }
    TaskGroup workers(io().get_executor(), [](const std::string&, std::exception_ptr error) {
      ADD_FAILURE() << what(error);
    });
    for (int i = 0; i < 20; ++i) workers.spawn("worker", work(hosts_now_, options, is_strict));
    co_await workers.join();

    EXPECT_TRUE(model_.breaches.empty())
        << "seed " << seed << ": " << model_.breaches.size() << ", first " << model_.breaches[0];
    EXPECT_GT(model_.reads, 500);
    EXPECT_GT(model_.failed, 0);
  }

  // When all is quiet, everybody has the newest.
  awaitable<void> expect_settled(LoadOptions options) {
    for (Host* one : hosts_now_) {
      for (int key = 0; key < kKeys; ++key) {
        const auto at = static_cast<std::size_t>(key);
        const auto deadline = std::chrono::steady_clock::now() + 2s;
        int got = -1;
        while (got != model_.version[at] && std::chrono::steady_clock::now() < deadline) {
          LoadOptions own = options;
          if (has_tag(key)) own.tags.push_back(tag_of(key));
          std::function<awaitable<int>()> loader = [this, key] {
            return load(key);
          };
          try {
            got = co_await one->cache.get_or_load<int>(name_of(key), own, loader);
          } catch (const system_error&) {
            got = -1;
          }
          co_await sleep_for(1ms);
        }
        EXPECT_EQ(got, model_.version[at]) << name_of(key);
      }
    }
  }

  std::mt19937 random_{1};
  Model model_;
  std::vector<Host*> hosts_now_;
};

TEST_F(ModelTest, NobodySeesWhatWasInvalidatedBeforeTheyAsked) {
  run(
      [this]() -> awaitable<void> {
        CacheOptions options;
        LoadOptions load_options;
        load_options.early = 50.0;  // Early refreshes take part.
        load_options.ttl = 200ms;
        for (unsigned seed = 1; seed <= 6; ++seed) {
          co_await schedule(seed, options, load_options, true);
        }
      },
      60s);
}

TEST_F(ModelTest, WithALevelInTheProcessEverybodyComesToTheNewest) {
  run(
      [this]() -> awaitable<void> {
        CacheOptions options;
        options.memory.limit_bytes = 1 << 16;
        LoadOptions load_options;
        for (unsigned seed = 11; seed <= 14; ++seed) {
          co_await schedule(seed, options, load_options, false);
          co_await expect_settled(load_options);
        }
      },
      60s);
}

TEST_F(ModelTest, AProcessWithALevelOfItsOwnSeesItsOwnWrites) {
  run(
      [this]() -> awaitable<void> {
        CacheOptions options;
        options.memory.limit_bytes = 1 << 16;
        LoadOptions load_options;
        random_.seed(21);
        options.prefix = "own";
        options.back_off = 5ms;
        Host& own = host(options);
        co_await own.client.wait_connected(2s);
        TaskGroup workers(io().get_executor(), [](const std::string&, std::exception_ptr error) {
          ADD_FAILURE() << what(error);
        });
        std::vector<Host*> one{&own};
        for (int i = 0; i < 20; ++i) workers.spawn("worker", work(one, load_options, true));
        co_await workers.join();

        EXPECT_TRUE(model_.breaches.empty()) << model_.breaches[0];
        EXPECT_GT(own.counts("model").memory_hits, 0U);
      },
      60s);
}

}  // namespace
}  // namespace seendr::cache
