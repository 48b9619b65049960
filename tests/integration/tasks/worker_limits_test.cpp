// How much a worker runs at once, and whose.
#include <set>

#include "task_scene.hpp"

namespace seendr::tasks {
namespace {

class WorkerLimitsTest : public SceneTest {};

TEST_F(WorkerLimitsTest, NoMoreOfAKindRunAtOnceThanMayAndOthersPassThem) {
  KindOptions narrow;
  narrow.concurrency = 2;
  on("narrow", narrow, waiting);
  scene.open = false;
  run([&]() -> awaitable<void> {
    WorkerOptions options = quick();
    options.concurrency = 10;
    const auto host = start_worker(std::move(options));
    std::vector<std::string> ids;
    for (int i = 0; i < 11; ++i) {  // One more than run at once.
      std::string id = co_await enqueued(task("narrow"));
      ids.push_back(std::move(id));
    }
    const Result other = co_await done(task("add", 1));
    EXPECT_EQ(other.state, State::success);
    EXPECT_EQ(scene.running, 2);
    scene.open = true;
    for (const std::string& id : ids) {
      const Result result = co_await result_of(id);
      EXPECT_EQ(result.state, State::success);
    }
    EXPECT_EQ(scene.most, 2);
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerLimitsTest, AWorkerTakesNoMoreThanItCanRun) {
  on("waiting", {}, waiting);
  scene.open = false;
  run([&]() -> awaitable<void> {
    WorkerOptions options = quick();
    options.concurrency = 3;
    const auto host = start_worker(std::move(options));
    for (int i = 0; i < 10; ++i) {
      co_await enqueued(task("waiting"));
    }
    co_await calls(3);
    co_await sleep_for(50ms);
    const std::int64_t left = co_await number("LLEN", "celery");
    EXPECT_EQ(left, 7);
    EXPECT_EQ(host->worker.held(), 3U);
    scene.open = true;
    co_await calls(10);
    co_await host->stop();
    EXPECT_EQ(scene.most, 3);
    co_await expect_empty();
  });
}

TEST_F(WorkerLimitsTest, AQueueHasABoundOfItsOwnAndOthersGoOn) {
  on("waiting", {}, waiting);
  scene.open = false;
  run([&]() -> awaitable<void> {
    WorkerOptions options = quick();
    options.queues.clear();
    options.queues.push_back(WorkQueue{"narrow", 2, 1});
    options.queues.push_back(WorkQueue{"wide", 0, 1});
    const auto host = start_worker(std::move(options));
    for (int i = 0; i < 5; ++i) {
      Task one = task("waiting");
      one.queue = "narrow";
      co_await enqueued(std::move(one));
    }
    Task other = task("add", 1);
    other.queue = "wide";
    co_await done(std::move(other));
    const bool two = co_await calls(2);
    const std::int64_t left = co_await number("LLEN", "narrow");

    EXPECT_TRUE(two);
    EXPECT_EQ(left, 3);
    scene.open = true;
    co_await calls(5);
    co_await host->stop();
    EXPECT_EQ(scene.most, 2);
    co_await expect_empty("narrow");
  });
}

TEST_F(WorkerLimitsTest, QueuesAreServedAsTheirWeightsSay) {
  std::size_t heavy_first = 0;
  registry.on("count", {}, [&](TaskContext& task) -> awaitable<json::value> {
    if (task.message().queue == "heavy" && scene.calls.size() < 100) ++heavy_first;
    scene.calls.push_back(SteadyTime());
    co_return nullptr;
  });
  run([&]() -> awaitable<void> {
    for (int i = 0; i < 200; ++i) {
      Task one = task("count");
      one.queue = i % 2 == 0 ? "heavy" : "light";
      co_await enqueued(std::move(one));
    }
    WorkerOptions options = quick();
    options.concurrency = 1;
    options.queues.clear();
    options.queues.push_back(WorkQueue{"heavy", 0, 3});
    options.queues.push_back(WorkQueue{"light", 0, 1});
    const auto host = start_worker(std::move(options));
    const bool all = co_await calls(200);
    co_await host->stop();

    EXPECT_TRUE(all);
    EXPECT_GT(heavy_first, 60U);  // 75 of 100, more or less.
    EXPECT_LT(heavy_first, 90U);
  });
}

// Counts how often it has its turn on the event loop.
awaitable<void> count_turns(int& turns) {
  const Executor executor = co_await net::this_coro::executor;
  for (;; ++turns) {
    co_await net::post(executor, use_awaitable);
  }
}

awaitable<json::value> note_turn(int now, std::vector<int>& into) {
  into.push_back(now);
  co_return nullptr;
}

TEST_F(WorkerLimitsTest, OthersHaveTheirTurnBetweenMessagesThatAreTakenTogether) {
  run([&]() -> awaitable<void> {
    int turns = 0;
    std::vector<int> begun;
    registry.on("turn", {}, [&](TaskContext&) { return note_turn(turns, begun); });
    for (int i = 0; i < 50; ++i) {
      co_await enqueued(task("turn"));
    }
    TaskGroup beside(io().get_executor(), [](const std::string&, std::exception_ptr) {});
    beside.spawn("turns", count_turns(turns));
    const std::unique_ptr<Host> host = start_worker();
    const std::function<bool()> all = [&begun] {
      return begun.size() == 50;
    };
    const bool well = co_await test::becomes(all, 9s);
    EXPECT_TRUE(well);
    const std::set<int> different(begun.begin(), begun.end());
    EXPECT_EQ(different.size(), 50U);
    beside.cancel();
    co_await beside.join();
    co_await host->stop();
    co_await expect_empty();
  });
}

}  // namespace
}  // namespace seendr::tasks
