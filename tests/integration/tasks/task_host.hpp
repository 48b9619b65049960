// Clients and workers of one queue within one test.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "support/redis_test.hpp"
#include "tasks/client.hpp"
#include "tasks/keys.hpp"
#include "tasks/worker.hpp"

namespace seendr::tasks {

using namespace std::chrono_literals;
using SteadyTime = std::chrono::steady_clock::time_point;

// Leases and beats ten times as fast.
inline WorkerOptions quick() {
  WorkerOptions options;
  options.store.lease = 300ms;
  options.drain = 5s;
  return options;
}

// A worker under way.
class Host {
 public:
  Host(const Env& env, redis::Client& commands, redis::Client& watching, const Registry& registry,
       WorkerOptions options)
      : worker(env, commands, watching, registry, std::move(options)),
        tasks_(commands.executor(), [](const std::string& name, std::exception_ptr error) {
          ADD_FAILURE() << name << ": " << what(error);
        }) {
    tasks_.spawn("worker", worker.run());
  }

  awaitable<void> stop() {  // As a program does that ends well.
    worker.stop();
    co_await tasks_.join();
  }

  awaitable<void> cancel() {
    tasks_.cancel();
    co_await tasks_.join();
  }

  Worker worker;

 private:
  TaskGroup tasks_;
};

class TasksTest : public test::RedisTest {
 protected:
  TasksTest()
      : client(env(), redis()),
        tasks_(io().get_executor(), [](const std::string& name, std::exception_ptr error) {
          ADD_FAILURE() << name << ": " << what(error);
        }) {
    registry.on("add", {}, add);
    registry.on("fail", {}, fail);
    tasks_.spawn("results", client.run());
  }
  ~TasksTest() override {
    tasks_.cancel();
    run([this]() -> awaitable<void> { co_await tasks_.join(); });
  }

  static awaitable<json::value> add(TaskContext& task) {
    std::int64_t sum = 0;
    for (const json::value& one : task.args()) sum += one.as_int64();
    co_return sum;
  }

  static awaitable<json::value> fail(TaskContext& task) {
    throw TaskError("ValueError", task.args());
    co_return nullptr;
  }

  std::unique_ptr<Host> start_worker(WorkerOptions options = quick()) {
    return std::make_unique<Host>(env(), another_client(), another_client(), registry,
                                  std::move(options));
  }

  template <class... Args>
  static Task task(std::string name, const Args&... args) {
    Task one;
    one.name = std::move(name);
    (one.args.emplace_back(args), ...);
    return one;
  }

  // Enqueues, and expects that it is accepted.
  awaitable<std::string> enqueued(Task one) {
    const result<std::string> id = co_await client.enqueue(std::move(one));
    EXPECT_TRUE(id) << id.error().message();
    co_return id ? *id : std::string();
  }

  // The final result; pending when it does not come.
  awaitable<Result> result_of(std::string id) {
    result<Result> found = co_await client.await_result(id, 8s);
    EXPECT_TRUE(found) << id << ": " << found.error().message();
    co_return found ? *found : Result();
  }

  awaitable<Result> done(Task one) {
    std::string id = co_await enqueued(std::move(one));
    co_return co_await result_of(std::move(id));
  }

  template <class... Words>
  awaitable<std::int64_t> number(std::string_view name, Words... words) {
    const redis::Command command(name, words...);
    const redis::Reply reply = co_await redis().exec(command);
    co_return reply.as_int();
  }

  template <class... Words>
  awaitable<std::string> text(std::string_view name, Words... words) {
    const redis::Command command(name, words...);
    const redis::Reply reply = co_await redis().exec(command);
    co_return reply.is_nil() ? std::string() : reply.text();
  }

  // Whether a count in Redis becomes `wanted`.
  awaitable<bool> counts(std::string name, std::string key, std::int64_t wanted,
                         Millis limit = 5000ms) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
      const std::int64_t now = co_await number(name, key);
      if (now == wanted) co_return true;
      if (std::chrono::steady_clock::now() >= deadline) co_return false;
      co_await sleep_for(2ms);
    }
  }

  // Until a worker has renewed what it holds, twice: it knows then what was revoked before.
  awaitable<void> renewed() {
    for (int i = 0; i < 2; ++i) {
      const std::string before = co_await first_lease();
      for (int look = 0; look < 2500; ++look) {
        const std::string now = co_await first_lease();
        if (now != before) break;
        co_await sleep_for(2ms);
      }
    }
  }

  awaitable<std::string> first_lease() {
    const redis::Command range("ZRANGE", std::string_view(kLeasesKey), 0, 0, "WITHSCORES");
    const redis::Reply reply = co_await redis().exec(range);
    const std::vector<redis::Reply>& parts = reply.as_array();
    co_return parts.size() == 2 ? parts[1].text() : std::string();
  }

  // Nothing waits, is held, or is delayed.
  awaitable<void> expect_empty(std::string queue = "celery") {
    for (std::size_t step = 0; step < kSteps.size(); ++step) {
      const std::int64_t waiting = co_await number("LLEN", list_key(queue, step));
      EXPECT_EQ(waiting, 0) << "step " << step;
    }
    for (const char* key : {kLeasesKey, kTimersKey}) {
      const std::int64_t count = co_await number("ZCARD", std::string_view(key));
      EXPECT_EQ(count, 0) << key;
    }
    for (const char* key : {kHeldKey, kTimedKey}) {
      const std::int64_t count = co_await number("HLEN", std::string_view(key));
      EXPECT_EQ(count, 0) << key;
    }
  }

  Registry registry;
  Client client;

 private:
  TaskGroup tasks_;
};

}  // namespace seendr::tasks
