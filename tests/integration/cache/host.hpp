// A cache with its own client, memory and metrics: a process, as far as Redis can see.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cache/cache.hpp"
#include "support/redis_test.hpp"

namespace seendr::cache {

using namespace std::chrono_literals;
using test::becomes;
using test::failure_of;

class Host {
 public:
  // Different seeds, or two processes draw the same tokens.
  Host(net::io_context& io, const redis::Url& url, CacheOptions options, std::uint64_t seed)
      : random(seed),
        client(env(), io.get_executor(), client_options(url)),
        cache(env(), client, std::move(options)),
        tasks_(io.get_executor(), [](const std::string& name, std::exception_ptr error) {
          ADD_FAILURE() << name << ": " << what(error);
        }) {
    tasks_.spawn("client", client.run());
    tasks_.spawn("cache", cache.run());
  }

  awaitable<void> stop() {
    co_await cache.close();
    tasks_.cancel();
    co_await tasks_.join();
  }

  // As when the process dies: its connections go first, so it gives nothing back.
  awaitable<void> kill() {
    tasks_.cancel();
    co_await tasks_.join();
    co_await cache.close();
  }

  Counts counts(const std::string& key_class) { return cache.counts()[key_class]; }
  Env env() { return Env{clock, random, Logger::silent(), metrics}; }

  SystemClock clock;
  SeededRandom random;
  Metrics metrics;
  redis::Client client;
  Cache cache;

 private:
  static redis::ClientOptions client_options(const redis::Url& url) {
    redis::ClientOptions options;
    options.url = url;
    options.client_name = "cache";
    return options;
  }

  TaskGroup tasks_;
};

// What is loaded from: counts how often, takes its time, fails when told to.
struct Source {
  std::string value = "value";
  Millis takes{20};
  bool fails = false;
  int loads = 0;

  std::function<awaitable<std::string>()> loader() {
    return [this] {
      return load();
    };
  }

  awaitable<std::string> load() {
    ++loads;
    std::string seen = value;
    co_await sleep_for(takes);
    if (fails) throw system_error(make_error_code(boost::system::errc::io_error));
    co_return seen;
  }
};

class CacheTest : public test::RedisTest {
 protected:
  ~CacheTest() override {
    run([this]() -> awaitable<void> {
      for (const auto& host : hosts_) {
        co_await host->stop();
      }
    });
  }

  Host& host(CacheOptions options = {}) { return host_at(server().url(), std::move(options)); }
  Host& host_at(const redis::Url& url, CacheOptions options = {}) {
    const std::size_t seed = hosts_.size() + 1;
    hosts_.push_back(std::make_unique<Host>(io(), url, std::move(options), seed));
    return *hosts_.back();
  }

  // What Redis has, without the cache.
  awaitable<std::string> raw(std::string key) {
    redis::Command get("GET", key);
    const redis::Reply reply = co_await redis().exec(std::move(get));
    co_return reply.is_nil() ? "(none)" : reply.text();
  }
  awaitable<void> set_raw(std::string key, std::string bytes) {
    redis::Command set("SET", key, bytes);
    co_await redis().exec(std::move(set));
  }
  awaitable<std::int64_t> integer(redis::Command command) {
    const redis::Reply reply = co_await redis().exec(std::move(command));
    co_return reply.as_int();
  }

 private:
  std::vector<std::unique_ptr<Host>> hosts_;
};

}  // namespace seendr::cache
