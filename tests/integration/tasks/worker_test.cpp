// A client and a worker: what is enqueued is run, and its result comes back.
#include "tasks/worker.hpp"

#include <array>
#include <set>

#include "task_host.hpp"

namespace seendr::tasks {
namespace {

class WorkerTest : public TasksTest {
 protected:
  // What ran, in order: a handler "note" writes its first argument down.
  void note_calls() {
    registry.on("note", {}, [this](TaskContext& task) { return note(task, notes); });
  }

  static awaitable<json::value> note(TaskContext& task, std::vector<std::string>& notes) {
    notes.emplace_back(task.args().at(0).as_string());
    co_return nullptr;
  }

  static std::vector<std::string> no_messages() {
    return {"",
            "x",
            "[]",
            "{}",
            "null",
            "\xff",
            R"({"properties": {}})",
            R"({"properties": {"delivery_tag": "t", "delivery_info": {}}, "body": "bm90IGpzb24=",
                "content-type": "application/json", "headers": {"task": "add", "id": "i"}})"};
  }

  std::vector<std::string> notes;
};

TEST_F(WorkerTest, ATaskIsRunAndItsResultComesBack) {
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const Result result = co_await done(task("add", 2, 3));

    EXPECT_EQ(result.state, State::success);
    EXPECT_EQ(result.value, json::value(5));
    EXPECT_TRUE(result.done);
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerTest, AResultLivesADayAndIsAnnounced) {
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const Result result = co_await done(task("add", 1));

    const std::int64_t left = co_await number("PTTL", result_key(result.task_id));
    EXPECT_GT(left, 86'000'000);
    EXPECT_LE(left, 86'400'000);
    co_await host->stop();
  });
}

TEST_F(WorkerTest, WhatAHandlerThrowsIsTheResultAndADeadLetter) {
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const Result result = co_await done(task("fail", "boom", 42));

    EXPECT_EQ(result.state, State::failure);
    EXPECT_TRUE(result.failure);
    EXPECT_EQ(result.failure->text(), "ValueError: boom, 42");
    const bool buried = co_await counts("HLEN", kBuriedKey, 1);
    EXPECT_TRUE(buried);
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerTest, ATaskThatNobodyKnowsIsADeadLetterAndNotRegistered) {
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const Result result = co_await done(task("nobody.knows"));

    EXPECT_EQ(result.state, State::failure);
    EXPECT_TRUE(result.failure);
    EXPECT_EQ(result.failure->type, "NotRegistered");
    EXPECT_EQ(result.failure->module, "celery.exceptions");
    const bool buried = co_await counts("HLEN", kBuriedKey, 1);
    EXPECT_TRUE(buried);
    co_await host->stop();
  });
}

TEST_F(WorkerTest, WhatIsNoMessageIsADeadLetterAndTheWorkerGoesOn) {
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const std::vector<std::string> items = {
        "",
        "x",
        "[]",
        "{}",
        "null",
        "\xff\x00",
        R"({"properties": {}})",
        R"({"properties": {"delivery_tag": "t", "delivery_info": {}}, "body": "bm90IGpzb24=",
            "content-type": "application/json", "headers": {"task": "add", "id": "i"}})"};
    redis::Command push("LPUSH", "celery");
    push.args(items);
    co_await redis().exec(std::move(push));
    const Result result = co_await done(task("add", 1, 1));

    EXPECT_EQ(result.value, json::value(2));
    const bool buried =
        co_await counts("HLEN", kBuriedKey, static_cast<std::int64_t>(no_messages().size()));
    EXPECT_TRUE(buried);
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerTest, TextOfAHandlerThatIsNotUtf8IsReadAllTheSame) {
  registry.on("throw", {}, [](TaskContext&) -> awaitable<json::value> {
    throw std::runtime_error("caf\xE9");
    co_return nullptr;
  });
  registry.on("return", {}, [](TaskContext&) -> awaitable<json::value> { co_return "caf\xE9"; });
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const Result thrown = co_await done(task("throw"));
    const Result returned = co_await done(task("return"));

    EXPECT_EQ(thrown.state, State::failure);
    EXPECT_EQ(thrown.failure->text(), "RuntimeError: caf\xEF\xBF\xBD");
    EXPECT_EQ(returned.value, json::value("caf\xEF\xBF\xBD"));
    co_await host->stop();
  });
}

TEST_F(WorkerTest, LowerPrioritiesAreServedFirstAndOthersInOrder) {
  note_calls();
  run([&]() -> awaitable<void> {
    const std::array<int, 6> priorities = {9, 0, 6, 3, 0, 9};
    for (const int priority : priorities) {
      Task one = task("note", std::to_string(priority) + "." + std::to_string(notes.size()));
      one.priority = priority;
      notes.emplace_back();
      co_await enqueued(std::move(one));
    }
    notes.clear();
    WorkerOptions options = quick();
    options.concurrency = 1;
    const auto host = start_worker(std::move(options));
    const std::function<bool()> all = [this] {
      return notes.size() == 6;
    };
    co_await test::becomes(all, 5s);

    EXPECT_THAT(notes, ::testing::ElementsAre("0.1", "0.4", "3.3", "6.2", "9.0", "9.5"));
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerTest, AnIdleWorkerStartsATaskAtOnceAndAsksForNothingMeanwhile) {
  run([&]() -> awaitable<void> {
    redis::Client& commands = another_client();
    redis::Client& watching = another_client();
    Host host(env(), commands, watching, registry, WorkerOptions());
    co_await done(task("add", 1));
    const std::uint64_t before = commands.calls() + watching.calls();
    auto start = std::chrono::steady_clock::now();
    co_await sleep_for(1500ms);
    const std::uint64_t calls = commands.calls() + watching.calls() - before;
    const std::chrono::duration<double> idle = std::chrono::steady_clock::now() - start;
    EXPECT_LE(static_cast<double>(calls), 10 * idle.count()) << "it renews, heals and looks";

    start = std::chrono::steady_clock::now();
    for (int i = 0; i < 20; ++i) {
      co_await done(task("add", i));
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, 20 * 100ms);
    co_await host.stop();
  });
}

TEST_F(WorkerTest, WithoutAResultNoneIsStored) {
  note_calls();
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    Task quiet = task("note", "x");
    quiet.ignore_result = true;
    const std::string id = co_await enqueued(std::move(quiet));
    const std::function<bool()> ran = [this] {
      return !notes.empty();
    };
    co_await test::becomes(ran, 5s);
    co_await host->stop();

    const std::int64_t stored = co_await number("EXISTS", result_key(id));
    EXPECT_EQ(stored, 0);
    co_await expect_empty();
  });
}

TEST_F(WorkerTest, EveryTaskOfManyIsRunOnce) {
  static constexpr int kTasks = 2000;
  note_calls();
  run(
      [&]() -> awaitable<void> {
        for (int i = 0; i < kTasks; ++i) {
          Task one = task("note", std::to_string(i));
          one.priority = i % 10;
          co_await enqueued(std::move(one));
        }
        const auto first = start_worker();
        const auto second = start_worker();
        const std::function<bool()> all = [this] {
          return notes.size() >= kTasks;
        };
        co_await test::becomes(all, 20s);
        co_await first->stop();
        co_await second->stop();

        EXPECT_EQ(notes.size(), static_cast<std::size_t>(kTasks));
        EXPECT_EQ(std::set<std::string>(notes.begin(), notes.end()).size(), notes.size());
        co_await expect_empty();
      },
      60s);
}

}  // namespace
}  // namespace seendr::tasks
