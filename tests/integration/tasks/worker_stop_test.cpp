// How a worker ends: nothing is lost, and what it does not finish is served next.
#include "task_host.hpp"

namespace seendr::tasks {
namespace {

// Waits until it may end; ends when cancelled.
struct Gate {
  int begun = 0;
  int ended = 0;
  bool open = false;
};

awaitable<json::value> pass(TaskContext&, Gate& gate) {
  ++gate.begun;
  while (!gate.open) {
    co_await sleep_for(1ms);
  }
  ++gate.ended;
  co_return nullptr;
}

class WorkerStopTest : public TasksTest {
 protected:
  WorkerStopTest() {
    registry.on("pass", {}, [this](TaskContext& task) { return pass(task, gate); });
  }

  awaitable<bool> begun(int count) {
    const std::function<bool()> enough = [this, count] {
      return gate.begun >= count;
    };
    co_return co_await test::becomes(enough, 5s);
  }

  Gate gate;
};

TEST_F(WorkerStopTest, WhatRunsIsFinishedAndNothingElseIsTaken) {
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const std::string id = co_await enqueued(task("pass"));
    co_await begun(1);
    host->worker.stop();
    const std::string left = co_await enqueued(task("pass"));
    co_await sleep_for(50ms);
    gate.open = true;
    co_await host->stop();

    const result<Result> result = co_await client.look(id);
    EXPECT_EQ(result->state, State::success);
    EXPECT_EQ(gate.begun, 1);
    const std::int64_t waiting = co_await number("LLEN", "celery");
    EXPECT_EQ(waiting, 1);
  });
}

TEST_F(WorkerStopTest, WhatDoesNotEndInTimeGoesBackToTheHead) {
  run([&]() -> awaitable<void> {
    WorkerOptions options = quick();
    options.drain = 50ms;
    options.concurrency = 1;
    const auto host = start_worker(std::move(options));
    const std::string first = co_await enqueued(task("pass"));
    co_await begun(1);
    co_await enqueued(task("pass"));
    const auto start = std::chrono::steady_clock::now();
    co_await host->stop();

    EXPECT_GE(std::chrono::steady_clock::now() - start, 50ms);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
    EXPECT_EQ(gate.ended, 0);
    const std::int64_t waiting = co_await number("LLEN", "celery");
    const std::string head = co_await text("LINDEX", "celery", -1);
    const result<Message> message = decode(head);
    EXPECT_EQ(waiting, 2);
    EXPECT_EQ(message->id, first);
    EXPECT_EQ(message->deliveries, 0);  // No worker was lost.
    EXPECT_EQ(message->headers.at("redelivered"), true);
    const std::int64_t held = co_await number("ZCARD", std::string_view(kLeasesKey));
    EXPECT_EQ(held, 0);
  });
}

TEST_F(WorkerStopTest, ACancelledWorkerGivesEverythingBackAtOnce) {
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    for (int i = 0; i < 5; ++i) {
      co_await enqueued(task("pass"));
    }
    co_await begun(5);
    co_await host->cancel();

    const std::int64_t waiting = co_await number("LLEN", "celery");
    const std::int64_t held = co_await number("ZCARD", std::string_view(kLeasesKey));
    EXPECT_EQ(waiting, 5);
    EXPECT_EQ(held, 0);
  });
}

TEST_F(WorkerStopTest, WhatWaitsForItsKindGoesBackAtOnce) {
  KindOptions narrow;
  narrow.concurrency = 1;
  registry.on("narrow", narrow, [this](TaskContext& task) { return pass(task, gate); });
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    for (int i = 0; i < 4; ++i) {
      co_await enqueued(task("narrow"));
    }
    co_await begun(1);
    const bool all = co_await counts("LLEN", "celery", 0);
    host->worker.stop();
    const bool back = co_await counts("LLEN", "celery", 3);
    gate.open = true;
    co_await host->stop();

    EXPECT_TRUE(all);
    EXPECT_TRUE(back);
    EXPECT_EQ(gate.ended, 1);
  });
}

TEST_F(WorkerStopTest, AnIdleWorkerEndsAtOnce) {
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    co_await done(task("add", 1));
    const auto start = std::chrono::steady_clock::now();
    co_await host->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - start, 900ms);
  });
}

}  // namespace
}  // namespace seendr::tasks
