// Messages that are handled together: what makes a batch, and how each of it ends.
#include "batch_scene.hpp"

namespace seendr::tasks {
namespace {

using testing::ElementsAre;

class WorkerBatchesTest : public BatchTest {};

TEST_F(WorkerBatchesTest, WhatWaitsInTheQueueIsHandledByOneCall) {
  on_batch(10, 30ms);
  run([&]() -> awaitable<void> {
    co_await enqueue_all("abcde");
    const auto host = start_worker();
    co_await expect_states("abcde", State::success);

    EXPECT_THAT(scene.calls, ElementsAre(Ids{"a", "b", "c", "d", "e"}));
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerBatchesTest, AFullBatchIsHandledAtOnce) {
  on_batch(3, 60s);
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    co_await enqueue_all("abcdef");
    co_await expect_states("abcdef", State::success);

    EXPECT_THAT(scene.calls, ElementsAre(Ids{"a", "b", "c"}, Ids{"d", "e", "f"}));
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerBatchesTest, OneThatIsNotFullWaitsNoLongerThanItsTime) {
  on_batch(3, 60ms);
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    co_await done(task("add", 1));
    const auto start = std::chrono::steady_clock::now();
    co_await done(write("a"));
    const auto took = std::chrono::steady_clock::now() - start;

    EXPECT_GE(took, 60ms);
    EXPECT_LT(took, 2s);
    EXPECT_THAT(scene.calls, ElementsAre(Ids{"a"}));
    co_await host->stop();
  });
}

TEST_F(WorkerBatchesTest, ABatchTakesTheRoomOfOneTask) {
  on_batch(10, 60s);
  run([&]() -> awaitable<void> {
    WorkerOptions options = quick();
    options.concurrency = 2;
    const auto host = start_worker(std::move(options));
    co_await enqueue_all("abcdefghi");
    const Result other = co_await done(task("add", 1));
    EXPECT_EQ(other.state, State::success);
    EXPECT_TRUE(scene.calls.empty());
    co_await enqueue_all("j");
    co_await expect_states("abcdefghij", State::success);

    EXPECT_EQ(scene.calls.size(), 1U);
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerBatchesTest, NoMoreCallsAreMadeAtOnceThanMayAndOthersPassThem) {
  KindOptions narrow;
  narrow.concurrency = 1;
  on_batch(2, 5ms, narrow);
  scene.open = false;
  run([&]() -> awaitable<void> {
    co_await enqueue_all("abcdef");
    WorkerOptions options = quick();
    options.concurrency = 5;  // One more than wait.
    const auto host = start_worker(std::move(options));
    const bool one = co_await calls(1);
    const Result other = co_await done(task("add", 1));
    EXPECT_TRUE(one);
    EXPECT_EQ(other.state, State::success);
    EXPECT_EQ(scene.calls.size(), 1U);
    scene.open = true;
    co_await expect_states("abcdef", State::success);

    EXPECT_EQ(scene.most, 1);
    EXPECT_THAT(scene.calls, ElementsAre(Ids{"a", "b"}, Ids{"c", "d"}, Ids{"e", "f"}));
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerBatchesTest, ABatchThatWaitsForItsTurnGrows) {
  KindOptions narrow;
  narrow.concurrency = 1;
  on_batch(3, 1ms, narrow);
  scene.open = false;
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    co_await enqueue_all("a");
    const bool one = co_await calls(1);
    co_await enqueue_all("b");
    const bool waits = co_await counts("ZCARD", kLeasesKey, 2);
    co_await done(task("add", 1));
    co_await enqueue_all("c");
    const bool grows = co_await counts("ZCARD", kLeasesKey, 3);
    co_await done(task("add", 1));
    scene.open = true;
    co_await expect_states("abc", State::success);

    EXPECT_TRUE(one);
    EXPECT_TRUE(waits);
    EXPECT_TRUE(grows);
    EXPECT_THAT(scene.calls, ElementsAre(Ids{"a"}, Ids{"b", "c"}));
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerBatchesTest, WhatACallThrowsIsAFailureOfEachWithARetryOfItsOwn) {
  KindOptions patient;
  patient.retry.max = 1;
  patient.retry.base = 1ms;
  on_batch(3, 20ms, patient);
  scene.broken = 1;
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    co_await enqueue_all("abc");
    co_await expect_states("abc", State::success);

    std::size_t handled = 0;
    for (const Ids& ids : scene.calls) handled += ids.size();
    EXPECT_EQ(scene.calls.at(0).size(), 3U);
    EXPECT_EQ(handled, 6U);
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerBatchesTest, OneMessageMayFailAlone) {
  on_batch(3, 60s);
  scene.fails = {"b"};
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    co_await enqueue_all("abc");
    co_await expect_states("ac", State::success);
    const Result failed = co_await result_of("b");

    EXPECT_EQ(failed.state, State::failure);
    EXPECT_EQ(failed.failure->text(), "ValueError: b");
    const bool buried = co_await counts("HLEN", kBuriedKey, 1);
    EXPECT_TRUE(buried);
    co_await host->stop();
  });
}

TEST_F(WorkerBatchesTest, ACallThatTakesTooLongIsCancelledAndEachFails) {
  on_batch(2, 60s);
  scene.open = false;
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    Task limited = write("b");
    limited.time_limit = 30ms;
    co_await enqueue_all("a");
    co_await enqueued(std::move(limited));
    const Result one = co_await result_of("a");
    const Result two = co_await result_of("b");

    EXPECT_EQ(one.failure->type, "TimeLimitExceeded");
    EXPECT_EQ(two.failure->type, "TimeLimitExceeded");
    EXPECT_EQ(scene.running, 0);
    co_await host->stop();
  });
}

TEST_F(WorkerBatchesTest, WhatExpiresOrIsRevokedWhileABatchIsOpenIsLeftOut) {
  on_batch(4, 60s);
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    Task brief = write("b");
    brief.expires = 200ms;
    co_await enqueue_all("a");
    co_await enqueued(std::move(brief));
    co_await enqueue_all("c");
    const bool held = co_await counts("ZCARD", kLeasesKey, 3);
    co_await client.revoke("c");
    co_await renewed();
    co_await renewed();  // Four times a tenth of a second: the other has expired as well.
    co_await enqueue_all("d");
    co_await expect_states("ad", State::success);
    const Result expired = co_await result_of("b");
    const Result revoked = co_await result_of("c");

    EXPECT_TRUE(held);
    EXPECT_THAT(scene.calls, ElementsAre(Ids{"a", "d"}));
    EXPECT_EQ(expired.failure->text(), "TaskRevokedError: expired");
    EXPECT_EQ(revoked.failure->text(), "TaskRevokedError: revoked");
    co_await host->stop();
    co_await expect_empty();
  });
}

}  // namespace
}  // namespace seendr::tasks
