#include "runtime/sleep.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "support/run.hpp"

namespace seendr {
namespace {

using namespace std::chrono_literals;

awaitable<std::thread::id> thread_of() {
  co_return std::this_thread::get_id();
}

awaitable<int> refuse() {
  throw std::domain_error("no");
  co_return 0;
}

TEST(SleepFor, CompletesAfterTheTimeAndNotBefore) {
  test::run([]() -> awaitable<void> {
    const auto begin = std::chrono::steady_clock::now();
    co_await sleep_for(20ms);

    EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms);
  });
}

// An event loop on a thread of its own.
class OtherLoop {
 public:
  OtherLoop() : work_(loop_.get_executor()), thread_([this] { loop_.run(); }) {}
  ~OtherLoop() {
    work_.reset();
    thread_.join();
  }
  Executor executor() { return loop_.get_executor(); }
  std::thread::id thread() const { return thread_.get_id(); }

 private:
  net::io_context loop_;
  net::executor_work_guard<Executor> work_;
  std::thread thread_;
};

TEST(CallOn, RunsThereAndComesBack) {
  net::io_context io;  // Outlives the other thread, which lets go of it a moment after the answer.
  OtherLoop other;
  test::run(io, [&]() -> awaitable<void> {
    const auto here = std::this_thread::get_id();
    const std::thread::id there = co_await call_on(other.executor(), thread_of());

    EXPECT_EQ(there, other.thread());
    EXPECT_EQ(std::this_thread::get_id(), here);
  });
}

TEST(CallOn, BringsBackAnException) {
  net::io_context io;  // Outlives the other thread, which lets go of it a moment after the answer.
  OtherLoop other;
  test::run(io, [&]() -> awaitable<void> {
    bool seen = false;
    try {
      co_await call_on(other.executor(), refuse());
    } catch (const std::domain_error&) {
      seen = true;
    }

    EXPECT_TRUE(seen);
  });
}

}  // namespace
}  // namespace seendr
