// Workers that are killed, and Redis that is: every task is run all the same.
#include <csignal>
#include <set>
#include <unistd.h>

#include "task_host.hpp"
#include <sys/wait.h>

namespace seendr::tasks {
namespace {

constexpr const char* kRuns = "test:runs";        // Counts every run that anybody began.
constexpr const char* kEffects = "test:effects";  // Ids of tasks that had their effect.

// Its effect happens once however often it runs: it is keyed by the task.
awaitable<json::value> effect(TaskContext& task, redis::Client& client, Millis takes) {
  redis::Pipeline commands;
  commands.add(redis::Command("INCR", kRuns));
  co_await client.exec(std::move(commands));
  co_await sleep_for(takes);
  redis::Command add("SADD", kEffects, task.id());
  co_await client.exec(std::move(add));
  co_return nullptr;
}

// The life of a child: a worker until it is killed.
int work(const redis::Url& url, WorkerOptions options, Millis takes, std::uint64_t seed) {
  net::io_context io;
  const SystemClock clock;
  SeededRandom random(seed);
  Metrics metrics;
  const Env env{clock, random, Logger::silent(), metrics};
  redis::ClientOptions to;
  to.url = url;
  redis::Client commands(env, io.get_executor(), to);
  redis::Client watching(env, io.get_executor(), to);
  TaskGroup tasks(io.get_executor(), [](const std::string&, std::exception_ptr) {});
  tasks.spawn("commands", commands.run());
  tasks.spawn("watching", watching.run());
  Registry registry;
  KindOptions once;
  once.idempotent = true;
  registry.on("effect", once, [&](TaskContext& task) { return effect(task, commands, takes); });
  registry.on("die", {}, [](TaskContext&) -> awaitable<json::value> {
    kill(getpid(), SIGKILL);
    co_return nullptr;
  });
  Worker worker(env, commands, watching, registry, std::move(options));
  tasks.spawn("worker", worker.run());
  io.run();
  return 0;
}

class WorkerLossTest : public TasksTest {
 protected:
  ~WorkerLossTest() override {
    for (const pid_t child : children_) kill9(child);
  }

  // The child has nothing of the parent but the memory it began with, and leaves without cleaning
  // up after it.
  pid_t start_child(WorkerOptions options, Millis takes) {
    const redis::Url url = server().url();
    const std::uint64_t seed = ++seed_;  // Two of one seed would draw the same names.
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("fork failed");
    if (child == 0) _exit(work(url, std::move(options), takes, seed));
    children_.insert(child);
    return child;
  }

  static void kill9(pid_t child) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }

  void kill_child(pid_t child) {
    kill9(child);
    children_.erase(child);
  }

  awaitable<void> enqueue_effects(int count) {
    for (int i = 0; i < count; ++i) {
      co_await enqueued(task("effect"));
    }
  }

  std::set<pid_t> children_;
  std::uint64_t seed_ = 1000;
};

TEST_F(WorkerLossTest, WhatAKilledWorkerHeldRunsWithinFiveSeconds) {
  const WorkerOptions as_shipped;
  const pid_t dying = start_child(as_shipped, 60s);
  run(
      [&]() -> awaitable<void> {
        co_await enqueue_effects(5);
        const bool began = co_await counts("ZCARD", kLeasesKey, 5);
        EXPECT_TRUE(began);
        kill_child(dying);
        start_child(as_shipped, 0ms);
        const auto start = std::chrono::steady_clock::now();
        const bool all = co_await counts("SCARD", kEffects, 5, 10s);

        EXPECT_TRUE(all);
        EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
        const bool settled = co_await counts("ZCARD", kLeasesKey, 0);
        EXPECT_TRUE(settled);
        co_await expect_empty();
      },
      30s);
}

TEST_F(WorkerLossTest, NoTaskIsLostHoweverOftenWorkersAreKilled) {
  static constexpr int kTasks = 10'000;
  static constexpr int kKills = 10;
  pid_t worker = start_child(quick(), 1ms);
  run(
      [&]() -> awaitable<void> {
        co_await enqueue_effects(kTasks);
        for (int i = 1; i <= kKills; ++i) {
          std::int64_t done = 0;
          while (done < i * kTasks / (kKills + 1)) {
            done = co_await number("SCARD", std::string_view(kEffects));
            co_await sleep_for(1ms);
          }
          kill_child(worker);
          worker = start_child(quick(), 1ms);
        }
        const bool all = co_await counts("SCARD", kEffects, kTasks, 60s);
        const bool settled = co_await counts("ZCARD", kLeasesKey, 0);
        const std::string runs = co_await text("GET", kRuns);

        EXPECT_TRUE(all);
        EXPECT_TRUE(settled);
        EXPECT_GE(std::stoi(runs), kTasks);
        EXPECT_LE(std::stoi(runs), kTasks + kKills * 100);  // What ran when one was killed.
        co_await expect_empty();
        const std::int64_t dead = co_await number("HLEN", std::string_view(kBuriedKey));
        EXPECT_EQ(dead, 0);
      },
      120s);
}

TEST_F(WorkerLossTest, AWorkerThatStoodStillSettlesNothingAnyMore) {
  const pid_t paused = start_child(quick(), 200ms);
  run(
      [&]() -> awaitable<void> {
        co_await enqueue_effects(1);
        const bool began = co_await counts("ZCARD", kLeasesKey, 1);
        EXPECT_TRUE(began);
        kill(paused, SIGSTOP);
        const pid_t other = start_child(quick(), 0ms);
        const bool done = co_await counts("SCARD", kEffects, 1);
        const bool settled = co_await counts("ZCARD", kLeasesKey, 0);
        EXPECT_TRUE(done);
        EXPECT_TRUE(settled);
        kill_child(other);
        kill(paused, SIGCONT);
        co_await enqueue_effects(1);  // It works again.
        const bool again = co_await counts("SCARD", kEffects, 2);
        EXPECT_TRUE(again);
        const bool both = co_await counts("ZCARD", kLeasesKey, 0);
        EXPECT_TRUE(both);
        co_await expect_empty();
      },
      30s);
}

TEST_F(WorkerLossTest, ATaskThatEndsItsWorkersIsBuriedInTheEnd) {
  WorkerOptions options = quick();
  options.max_deliveries = 2;
  pid_t worker = start_child(options, 0ms);
  run(
      [&]() -> awaitable<void> {
        const std::string id = co_await enqueued(task("die"));
        for (int i = 0; i < 3; ++i) {
          const std::function<bool()> died = [&worker] {
            return waitpid(worker, nullptr, WNOHANG) == worker;
          };
          const bool dead = co_await test::becomes(died, 10s);
          EXPECT_TRUE(dead) << i;
          children_.erase(worker);
          worker = start_child(options, 0ms);
        }
        const Result result = co_await result_of(id);
        EXPECT_EQ(result.state, State::failure);
        EXPECT_EQ(result.failure->type, "WorkerLostError");
        const bool buried = co_await counts("HLEN", kBuriedKey, 1);
        EXPECT_TRUE(buried);
        co_await expect_empty();
      },
      60s);
}

}  // namespace
}  // namespace seendr::tasks
