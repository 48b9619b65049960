#include "runtime/task_group.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "runtime/sleep.hpp"
#include "support/run.hpp"

namespace seendr {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

// Everything a child may do, told through references that outlive it.
struct Stage {
  Names failures;
  int finished = 0;

  TaskGroup::OnFailure collector() {
    return [this](const std::string& name, std::exception_ptr error) {
      failures.push_back(name + ": " + what(error));
    };
  }
};

awaitable<void> finish(Stage& stage) {
  ++stage.finished;
  co_return;
}

awaitable<void> fail_with(std::string reason) {
  throw std::runtime_error(reason);
  co_return;
}

awaitable<void> wait_forever(Stage& stage) {
  co_await sleep_for(24h);
  ++stage.finished;
}

awaitable<void> spawn_another(TaskGroup& tasks, Stage& stage) {
  tasks.spawn("child of a child", finish(stage));
  co_return;
}

template <class Body>
void with_group(Stage& stage, Body body) {
  test::run([&]() -> awaitable<void> {
    const Executor executor = co_await net::this_coro::executor;
    TaskGroup tasks(executor, stage.collector());
    co_await body(tasks);
    co_await tasks.join();
    EXPECT_EQ(tasks.size(), 0U);
  });
}

TEST(TaskGroup, IsJoinedWhenEveryChildHasEnded) {
  Stage stage;
  with_group(stage, [&](TaskGroup& tasks) -> awaitable<void> {
    tasks.spawn("one", finish(stage));
    tasks.spawn("two", finish(stage));
    EXPECT_EQ(tasks.size(), 2U);
    co_return;
  });

  EXPECT_EQ(stage.finished, 2);
  EXPECT_TRUE(stage.failures.empty());
}

TEST(TaskGroup, ReportsAChildThatFailsByNameAndLetsTheOthersGoOn) {
  Stage stage;
  with_group(stage, [&](TaskGroup& tasks) -> awaitable<void> {
    tasks.spawn("clumsy", fail_with("dropped it"));
    tasks.spawn("steady", finish(stage));
    co_return;
  });

  EXPECT_EQ(stage.failures, Names{"clumsy: dropped it"});
  EXPECT_EQ(stage.finished, 1);
}

TEST(TaskGroup, CancelsChildrenWithoutCallingItAFailure) {
  Stage stage;
  with_group(stage, [&](TaskGroup& tasks) -> awaitable<void> {
    tasks.spawn("one", wait_forever(stage));
    tasks.spawn("two", wait_forever(stage));
    co_await sleep_for(1ms);
    tasks.cancel();
  });

  EXPECT_EQ(stage.finished, 0);
  EXPECT_TRUE(stage.failures.empty());
}

TEST(TaskGroup, StartsNothingAfterItWasCancelled) {
  Stage stage;
  with_group(stage, [&](TaskGroup& tasks) -> awaitable<void> {
    tasks.cancel();
    tasks.spawn("late", finish(stage));
    EXPECT_EQ(tasks.size(), 0U);
    co_return;
  });

  EXPECT_EQ(stage.finished, 0);
}

TEST(TaskGroup, WaitsForWhatItsChildrenSpawnToo) {
  Stage stage;
  with_group(stage, [&](TaskGroup& tasks) -> awaitable<void> {
    tasks.spawn("parent", spawn_another(tasks, stage));
    co_return;
  });

  EXPECT_EQ(stage.finished, 1);
}

}  // namespace
}  // namespace seendr
