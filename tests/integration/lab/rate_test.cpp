#include "lab/rate.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

#include "runtime/sleep.hpp"
#include "support/run.hpp"

namespace seendr::lab {
namespace {

using namespace std::chrono_literals;

awaitable<void> count_into(std::size_t& calls) {
  ++calls;
  co_return;
}

awaitable<void> nap() {
  co_await sleep_for(10ms);
}

awaitable<void> fail() {
  throw std::runtime_error("no");
  co_return;
}

TEST(RateTest, CountsWhatWasDoneWithoutTheWarmUp) {
  std::size_t calls = 0;
  Rate rate;

  test::run([&]() -> awaitable<void> {
    Operation operation = [&calls] {
      return count_into(calls);
    };
    rate = co_await measure_rate(1, 20ms, std::move(operation));
  });

  EXPECT_EQ(rate.count + 1, calls);
  EXPECT_GE(rate.seconds, 0.02);
  EXPECT_GT(rate.per_second(), 0);
}

TEST(RateTest, WorkersWaitSideBySide) {
  Rate one;
  Rate ten;

  test::run([&]() -> awaitable<void> {
    Operation operation = [] {
      return nap();
    };
    one = co_await measure_rate(1, 100ms, operation);
    ten = co_await measure_rate(10, 100ms, operation);
  });

  EXPECT_LE(one.count, 10U);
  EXPECT_GT(ten.count, one.count);
}

TEST(RateTest, AnOperationThatNeverWaitsLeavesTheEventLoopItsTurn) {
  net::io_context io;
  bool reached = false;
  std::size_t calls = 0;
  std::size_t calls_before = 0;

  test::run(io, [&]() -> awaitable<void> {
    Operation operation = [&] {
      if (calls == 1) {
        net::post(io, [&] {
          reached = true;
          calls_before = calls;
        });
      }
      return count_into(calls);
    };
    co_await measure_rate(1, 50ms, std::move(operation));
  });

  EXPECT_TRUE(reached);
  EXPECT_LT(calls_before, calls);
}

TEST(RateTest, AFailureIsThrown) {
  const auto measure = [] {
    test::run([]() -> awaitable<void> {
      Operation operation = [] {
        return fail();
      };
      co_await measure_rate(3, 10ms, std::move(operation));
    });
  };

  EXPECT_THROW(measure(), std::runtime_error);
}

}  // namespace
}  // namespace seendr::lab
