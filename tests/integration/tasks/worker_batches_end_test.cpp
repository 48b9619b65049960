// Batches of a worker that ends, or that loses what it holds.
#include "batch_scene.hpp"

namespace seendr::tasks {
namespace {

using testing::ElementsAre;

class WorkerBatchesEndTest : public BatchTest {};

TEST_F(WorkerBatchesEndTest, AWorkerThatStopsGivesAnOpenBatchBackAtOnce) {
  on_batch(10, 60s);
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    co_await enqueue_all("abc");
    const bool held = co_await counts("ZCARD", kLeasesKey, 3);
    co_await done(task("add", 1));
    const auto start = std::chrono::steady_clock::now();
    co_await host->stop();

    EXPECT_TRUE(held);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
    EXPECT_TRUE(scene.calls.empty());
    const std::int64_t waiting = co_await number("LLEN", "celery");
    const std::int64_t leases = co_await number("ZCARD", std::string_view(kLeasesKey));
    EXPECT_EQ(waiting, 3);
    EXPECT_EQ(leases, 0);
  });
}

TEST_F(WorkerBatchesEndTest, ACallUnderWayIsFinishedAndTheNextBatchGoesBack) {
  KindOptions narrow;
  narrow.concurrency = 1;
  on_batch(2, 60s, narrow);
  scene.open = false;
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    co_await enqueue_all("abcd");
    const bool one = co_await calls(1);
    const bool held = co_await counts("ZCARD", kLeasesKey, 4);
    co_await done(task("add", 1));
    host->worker.stop();
    const bool back = co_await counts("LLEN", "celery", 2);
    scene.open = true;
    co_await host->stop();

    EXPECT_TRUE(one);
    EXPECT_TRUE(held);
    EXPECT_TRUE(back);
    EXPECT_EQ(scene.calls.size(), 1U);
    co_await expect_states("ab", State::success);
    EXPECT_EQ(host->worker.held(), 0U);
  });
}

TEST_F(WorkerBatchesEndTest, ACancelledWorkerCancelsTheCallAndGivesEverythingBack) {
  on_batch(3, 60s);
  scene.open = false;
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    co_await enqueue_all("abcd");
    const bool one = co_await calls(1);
    const std::function<bool()> all = [&host] {
      return host->worker.held() == 4;
    };
    const bool held = co_await test::becomes(all, 5s);
    co_await host->cancel();

    EXPECT_TRUE(one);
    EXPECT_TRUE(held);
    EXPECT_EQ(scene.running, 0);
    const std::int64_t waiting = co_await number("LLEN", "celery");
    const std::int64_t leases = co_await number("ZCARD", std::string_view(kLeasesKey));
    EXPECT_EQ(waiting, 4);
    EXPECT_EQ(leases, 0);
  });
}

TEST_F(WorkerBatchesEndTest, ALostMessageIsToldAndTheOthersGoOn) {
  on_batch(3, 60s);
  scene.open = false;
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    co_await enqueue_all("abc");
    const bool one = co_await calls(1);
    co_await lose("a");
    const std::function<bool()> told = [this] {
      return !scene.told.empty();
    };
    const bool knows = co_await test::becomes(told, 5s);
    scene.open = true;
    co_await expect_states("bc", State::success);

    EXPECT_TRUE(one);
    EXPECT_TRUE(knows);
    EXPECT_THAT(scene.told, ElementsAre("a"));
    co_await host->stop();
    const result<Result> lost = co_await client.look("a");
    EXPECT_EQ(lost->state, State::pending);  // It is somebody else's to settle.
  });
}

TEST_F(WorkerBatchesEndTest, ACallWhoseMessagesAreAllLostIsCancelled) {
  on_batch(2, 60s);
  scene.open = false;
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    co_await enqueue_all("ab");
    const bool one = co_await calls(1);
    co_await lose("a");
    co_await lose("b");
    const std::function<bool()> ended = [this, &host] {
      return scene.running == 0 && host->worker.held() == 0;
    };
    const bool cancelled = co_await test::becomes(ended, 5s);

    EXPECT_TRUE(one);
    EXPECT_TRUE(cancelled);
    co_await host->stop();
  });
}

TEST_F(WorkerBatchesEndTest, AMessageThatIsLostBeforeTheCallIsLeftOutAlsoWhenItWasTheFirst) {
  on_batch(3, 60s);
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    co_await enqueue_all("ab");
    const bool held = co_await counts("ZCARD", kLeasesKey, 2);
    co_await done(task("add", 1));
    co_await lose("a");
    co_await renewed();
    co_await enqueue_all("c");
    co_await expect_states("bc", State::success);

    EXPECT_TRUE(held);
    EXPECT_THAT(scene.calls, ElementsAre(Ids{"b", "c"}));
    co_await host->stop();
    co_await expect_empty();
  });
}

}  // namespace
}  // namespace seendr::tasks
