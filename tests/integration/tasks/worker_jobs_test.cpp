// What a worker does with one message: attempts, delays, limits, and what is not run at all.
#include "tasks/control.hpp"

#include "task_scene.hpp"

namespace seendr::tasks {
namespace {

class WorkerJobsTest : public SceneTest {};

TEST_F(WorkerJobsTest, AFailedTaskIsTriedAgainUntilItSucceeds) {
  on("third", with_retries(5), third_time);
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const Result result = co_await done(task("third"));

    EXPECT_EQ(result.state, State::success);
    EXPECT_EQ(result.value, json::value(3));
    EXPECT_EQ(scene.calls.size(), 3U);
    co_await host->stop();
    co_await expect_empty();
    const std::int64_t dead = co_await number("HLEN", std::string_view(kBuriedKey));
    EXPECT_EQ(dead, 0);
  });
}

TEST_F(WorkerJobsTest, TheLastFailureIsTheResult) {
  on("third", with_retries(1), third_time);
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const Result result = co_await done(task("third"));

    EXPECT_EQ(result.state, State::failure);
    EXPECT_EQ(result.failure->text(), "ValueError: 2");
    EXPECT_EQ(scene.calls.size(), 2U);
    const bool buried = co_await counts("HLEN", kBuriedKey, 1);
    EXPECT_TRUE(buried);
    co_await host->stop();
  });
}

TEST_F(WorkerJobsTest, WhatALaterTaskMakesUpForIsNotBuried) {
  KindOptions options;
  options.buried = false;
  on("third", options, third_time);
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const Result result = co_await done(task("third"));
    EXPECT_EQ(result.state, State::failure);
    co_await host->stop();
    co_await expect_empty();
    const std::int64_t dead = co_await number("HLEN", std::string_view(kBuriedKey));
    EXPECT_EQ(dead, 0);
  });
}

TEST_F(WorkerJobsTest, AWorkerWithoutRoomMovesTimersForOthers) {
  on("wait", {}, waiting);
  run([&]() -> awaitable<void> {
    scene.open = false;
    WorkerOptions options = quick();
    options.concurrency = 1;
    const auto host = start_worker(options);
    co_await enqueued(task("wait"));
    const bool full = co_await calls(1);
    EXPECT_TRUE(full);
    Task later = task("add", 1);
    later.queue = "theirs";
    later.countdown = 10ms;
    co_await enqueued(std::move(later));
    const bool moved = co_await counts("LLEN", "theirs", 1);
    EXPECT_TRUE(moved);
    scene.open = true;
    co_await host->stop();
  });
}

TEST_F(WorkerJobsTest, BetweenTwoAttemptsTheStateIsRetry) {
  KindOptions slow;
  slow.retry.max = 1;
  registry.on("slow", slow, [](TaskContext&) -> awaitable<json::value> {
    throw TaskError("Busy", {}).after(Millis(60'000));
    co_return nullptr;
  });
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const std::string id = co_await enqueued(task("slow"));
    const bool waits = co_await state_becomes(id, State::retry);
    EXPECT_TRUE(waits);
    const std::int64_t timers = co_await number("ZCARD", std::string_view(kTimersKey));
    EXPECT_EQ(timers, 1);
    co_await host->stop();
  });
}

TEST_F(WorkerJobsTest, ADelayedTaskRunsOnceAndNotBeforeItsTime) {
  on("waiting", {}, waiting);
  run([&]() -> awaitable<void> {
    const auto first = start_worker();
    const auto second = start_worker();
    co_await done(task("add", 1));  // Both are idle now.
    Task one = task("waiting");
    one.countdown = 120ms;
    const auto start = std::chrono::steady_clock::now();
    co_await done(std::move(one));
    co_await sleep_for(50ms);

    EXPECT_EQ(scene.calls.size(), 1U);
    EXPECT_GE(scene.calls.at(0) - start, 119ms);  // Redis' clock is another one.
    EXPECT_LT(scene.calls.at(0) - start, 620ms);
    co_await first->stop();
    co_await second->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerJobsTest, ADelayedTaskThatPythonPutIntoTheQueueWaitsInTheTimers) {
  on("waiting", {}, waiting);
  run([&]() -> awaitable<void> {
    ClientOptions options;
    options.timers = false;
    Client plain(env(), redis(), options);
    const auto host = start_worker();
    Task one = task("waiting");
    one.countdown = 120ms;
    const auto start = std::chrono::steady_clock::now();
    const result<std::string> id = co_await plain.enqueue(std::move(one));
    const bool delayed = co_await counts("ZCARD", kTimersKey, 1);
    co_await result_of(*id);

    EXPECT_TRUE(delayed);
    EXPECT_EQ(scene.calls.size(), 1U);
    EXPECT_GE(scene.calls.at(0) - start, 119ms);
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerJobsTest, AnExpiredTaskIsRevokedAndNotRun) {
  on("waiting", {}, waiting);
  run([&]() -> awaitable<void> {
    Task one = task("waiting");
    one.expires = 1ms;
    const std::string id = co_await enqueued(std::move(one));
    co_await sleep_for(5ms);
    const auto host = start_worker();
    const Result result = co_await result_of(id);

    EXPECT_EQ(result.state, State::revoked);
    EXPECT_EQ(result.failure->text(), "TaskRevokedError: expired");
    EXPECT_TRUE(scene.calls.empty());
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerJobsTest, ATaskThatTakesTooLongIsCancelledAndFails) {
  KindOptions limited;
  limited.time_limit = 30ms;
  on("limited", limited, waiting);
  on("waiting", {}, waiting);
  scene.open = false;
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    Task told = task("waiting");
    told.time_limit = 30ms;
    const Result by_kind = co_await done(task("limited"));
    const Result by_sender = co_await done(std::move(told));

    EXPECT_EQ(by_kind.failure->type, "TimeLimitExceeded");
    EXPECT_EQ(by_sender.failure->type, "TimeLimitExceeded");
    EXPECT_EQ(scene.running, 0);
    co_await host->stop();
  });
}

TEST_F(WorkerJobsTest, AnIdempotentTaskThatIsDoneIsAcknowledgedOnly) {
  KindOptions once;
  once.idempotent = true;
  on("once", once, waiting);
  on("again", {}, waiting);
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const std::vector<std::string> names({"once", "again"});
    for (const std::string& name : names) {
      for (int i = 0; i < 3; ++i) {
        Task one = task(name);
        one.id = name;
        co_await enqueued(std::move(one));
        const bool taken = co_await counts("LLEN", "celery", 0);
        EXPECT_TRUE(taken);
        const bool settled = co_await counts("ZCARD", kLeasesKey, 0);
        EXPECT_TRUE(settled);
      }
    }
    EXPECT_EQ(scene.calls.size(), 4U);  // One, and three.
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerJobsTest, AHandlerTellsHowFarItIs) {
  on("reporting", {}, reporting);
  scene.open = false;
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const std::string id = co_await enqueued(task("reporting"));
    const bool told = co_await state_becomes(id, State::progress);
    const result<Result> seen = co_await client.look(id);
    scene.open = true;
    const Result result = co_await result_of(id);

    EXPECT_TRUE(told);
    EXPECT_EQ(seen->value.at("done"), 3);
    EXPECT_EQ(result.state, State::success);
    co_await host->stop();
  });
}

TEST_F(WorkerJobsTest, ARevokedTaskThatHasNotBegunIsNotRun) {
  on("waiting", {}, waiting);
  run([&]() -> awaitable<void> {
    Task delayed = task("waiting");
    delayed.countdown = 30ms;
    const std::string queued = co_await enqueued(task("waiting"));
    const std::string timed = co_await enqueued(std::move(delayed));
    const result<void> first = co_await client.revoke(queued);
    const result<void> second = co_await client.revoke(timed);
    const auto host = start_worker();
    const Result one = co_await result_of(queued);
    const Result two = co_await result_of(timed);

    EXPECT_TRUE(first);
    EXPECT_TRUE(second);
    EXPECT_EQ(one.failure->text(), "TaskRevokedError: revoked");
    EXPECT_EQ(two.state, State::revoked);
    EXPECT_TRUE(scene.calls.empty());
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerJobsTest, ATaskThatIsRevokedWhileItWaitsForItsTurnIsNotRun) {
  KindOptions narrow;
  narrow.concurrency = 1;
  on("narrow", narrow, waiting);
  scene.open = false;
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const std::string first = co_await enqueued(task("narrow"));
    co_await calls(1);
    const std::string second = co_await enqueued(task("narrow"));
    const bool held = co_await counts("ZCARD", kLeasesKey, 2);
    co_await client.revoke(second);
    co_await renewed();
    scene.open = true;
    const Result ran = co_await result_of(first);
    const Result revoked = co_await result_of(second);

    EXPECT_TRUE(held);
    EXPECT_EQ(ran.state, State::success);
    EXPECT_EQ(revoked.failure->text(), "TaskRevokedError: revoked");
    EXPECT_EQ(scene.calls.size(), 1U);
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerJobsTest, ARunningTaskIsToldThatItIsRevoked) {
  on("waiting", {}, waiting);
  scene.open = false;
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const std::string id = co_await enqueued(task("waiting"));
    co_await calls(1);
    co_await client.revoke(id);
    const Result result = co_await result_of(id);

    EXPECT_TRUE(scene.was_cancelled);
    EXPECT_EQ(result.state, State::revoked);
    EXPECT_EQ(result.failure->text(), "TaskRevokedError: terminated");
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerJobsTest, ARevocationByCelerysRemoteControlCounts) {
  on("waiting", {}, waiting);
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    co_await done(task("add", 1));
    ControlRequest request;
    request.method = "revoke";
    request.arguments["task_id"] = "x";
    const std::string text = encode_control(request, env().random);
    std::int64_t heard = 0;
    while (heard == 0) {
      heard = co_await number("PUBLISH", control_channel(0), text);
    }
    const bool known = co_await counts("ZCARD", kRevokedKey, 1);
    Task one = task("waiting");
    one.id = "x";
    const Result result = co_await done(std::move(one));

    EXPECT_TRUE(known);
    EXPECT_EQ(result.state, State::revoked);
    EXPECT_TRUE(scene.calls.empty());
    co_await host->stop();
  });
}

}  // namespace
}  // namespace seendr::tasks
