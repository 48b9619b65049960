#include "runtime/offload.hpp"

#include <atomic>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/sleep.hpp"
#include "runtime/task_group.hpp"
#include "support/run.hpp"

namespace seendr {
namespace {

using namespace std::chrono_literals;

TEST(Offload, RunsElsewhereAndCompletesHere) {
  Offload offload(1, 10);
  test::run([&]() -> awaitable<void> {
    const auto here = std::this_thread::get_id();
    std::function<std::thread::id()> where = [] {
      return std::this_thread::get_id();
    };
    const std::thread::id there = co_await offload.run(where);

    EXPECT_NE(there, here);
    EXPECT_EQ(std::this_thread::get_id(), here);
  });
}

TEST(Offload, BringsBackAnException) {
  Offload offload(1, 10);
  test::run([&]() -> awaitable<void> {
    std::function<int()> refuse = []() -> int {
      throw std::domain_error("no");
    };
    bool seen = false;
    try {
      co_await offload.run(refuse);
    } catch (const std::domain_error&) {
      seen = true;
    }

    EXPECT_TRUE(seen);
  });
}

TEST(Offload, KeepsTheEventLoopFreeMeanwhile) {
  Offload offload(1, 10);
  test::run([&]() -> awaitable<void> {
    const Executor executor = co_await net::this_coro::executor;
    std::promise<void> release;
    std::future<void> released = release.get_future();
    std::function<int()> hold = [&released] {
      released.wait();
      return 1;
    };
    int outcome = 0;
    auto run_it = [](Offload& on, std::function<int()> work, int& out) -> awaitable<void> {
      out = co_await on.run(std::move(work));
    };
    TaskGroup tasks(executor, [](const std::string&, std::exception_ptr) {});
    tasks.spawn("held", run_it(offload, hold, outcome));
    co_await sleep_for(1ms);
    EXPECT_EQ(outcome, 0);

    release.set_value();
    co_await tasks.join();

    EXPECT_EQ(outcome, 1);
  });
}

TEST(Offload, RefusesWorkBeyondItsLimitAndTakesItLater) {
  Offload offload(1, 1);
  test::run([&]() -> awaitable<void> {
    const Executor executor = co_await net::this_coro::executor;
    std::promise<void> release;
    std::future<void> released = release.get_future();
    std::function<int()> hold = [&released] {
      released.wait();
      return 1;
    };
    std::function<int()> quick = [] {
      return 2;
    };
    auto run_it = [](Offload& on, std::function<int()> work) -> awaitable<void> {
      co_await on.run(std::move(work));
    };
    TaskGroup tasks(executor, [](const std::string&, std::exception_ptr) {});
    tasks.spawn("held", run_it(offload, hold));
    co_await sleep_for(1ms);
    error_code refused;
    try {
      co_await offload.run(quick);
    } catch (const system_error& error) {
      refused = error.code();
    }
    release.set_value();
    co_await tasks.join();
    const int later = co_await offload.run(quick);

    EXPECT_EQ(refused, boost::system::errc::resource_unavailable_try_again);
    EXPECT_EQ(later, 2);
  });
}

TEST(Offload, LetsACancelledCallerGoBeforeTheWorkIsDone) {
  Offload offload(1, 10);
  test::run([&]() -> awaitable<void> {
    const Executor executor = co_await net::this_coro::executor;
    std::promise<void> release;
    std::future<void> released = release.get_future();
    std::function<int()> hold = [&released] {
      released.wait();
      return 1;
    };
    auto run_it = [](Offload& on, std::function<int()> work) -> awaitable<void> {
      co_await on.run(std::move(work));
    };
    bool failed = false;
    TaskGroup tasks(executor, [&](const std::string&, std::exception_ptr) { failed = true; });
    tasks.spawn("held", run_it(offload, hold));
    co_await sleep_for(1ms);

    tasks.cancel();
    co_await tasks.join();
    release.set_value();
    std::function<int()> quick = [] {
      return 2;
    };
    const int next = co_await offload.run(quick);

    EXPECT_FALSE(failed);
    EXPECT_EQ(next, 2);
  });
}

TEST(Offload, DoesNotBeginWhatNobodyWaitsForAnyMore) {
  std::promise<void> release;
  std::future<void> released = release.get_future();
  std::atomic<bool> begun{false};
  Offload offload(1, 10);
  test::run([&]() -> awaitable<void> {
    const Executor executor = co_await net::this_coro::executor;
    std::function<int()> hold = [&released] {
      released.wait();
      return 1;
    };
    std::function<int()> late = [&begun] {
      begun = true;
      return 2;
    };
    auto run_it = [](Offload& on, std::function<int()> work) -> awaitable<void> {
      co_await on.run(std::move(work));
    };
    TaskGroup tasks(executor, [](const std::string&, std::exception_ptr) {});
    tasks.spawn("held", run_it(offload, hold));
    tasks.spawn("late", run_it(offload, late));
    co_await sleep_for(1ms);

    tasks.cancel();
    co_await tasks.join();
    release.set_value();
    std::function<int()> quick = [] {
      return 3;
    };
    co_await offload.run(quick);

    EXPECT_FALSE(begun);
  });
}

}  // namespace
}  // namespace seendr
