#include "http/deadlines.hpp"

#include <functional>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace seendr::http {
namespace {

class Alarm final : public Deadlines::Entry {
 public:
  explicit Alarm(std::function<void()> then = {}) : then_(std::move(then)) {}
  void expire(std::int64_t now_ms) override {
    rung.push_back(now_ms);
    if (then_) then_();
  }
  std::vector<std::int64_t> rung;

 private:
  std::function<void()> then_;
};

using Times = std::vector<std::int64_t>;
constexpr std::int64_t kStart = 1'234'567;

class DeadlinesTest : public testing::Test {
 protected:
  Deadlines wheel{kStart};

  void advance_to(std::int64_t end, std::int64_t step = 100) {
    for (std::int64_t now = wheel.now_ms() + step; now < end; now += step) wheel.advance(now);
    wheel.advance(end);
  }
};

TEST_F(DeadlinesTest, RingOnceNotBeforeTheirTimeAndAtMostTwoSlotsLate) {
  for (const std::int64_t after : {0, 1, 99, 100, 101, 250, 5'000, 101'000, 103'000, 400'000}) {
    Deadlines own(kStart);
    Alarm alarm;
    own.set(alarm, kStart + after);
    for (std::int64_t now = kStart; now <= kStart + after + 1'000; now += 33) own.advance(now);

    ASSERT_EQ(alarm.rung.size(), 1U) << after;
    EXPECT_GE(alarm.rung[0], kStart + after);
    EXPECT_LE(alarm.rung[0], kStart + after + 2 * Deadlines::kSlotMs) << after;
  }
}

TEST_F(DeadlinesTest, RingAfterAJumpOverTheWholeWheel) {
  Alarm near;
  Alarm far;
  wheel.set(near, kStart + 50);
  wheel.set(far, kStart + 300'000);
  wheel.advance(kStart + 1'000'000);
  EXPECT_EQ(near.rung, Times{kStart + 1'000'000});
  EXPECT_EQ(far.rung, Times{kStart + 1'000'000});
}

TEST_F(DeadlinesTest, AreReplacedByTheNextOneAndForgottenWhenCleared) {
  Alarm moved;
  Alarm cleared;
  wheel.set(moved, kStart + 200);
  wheel.set(moved, kStart + 2'000);
  wheel.set(cleared, kStart + 200);
  wheel.clear(cleared);
  advance_to(kStart + 1'000);
  EXPECT_TRUE(moved.rung.empty());
  advance_to(kStart + 3'000);
  EXPECT_EQ(moved.rung.size(), 1U);
  EXPECT_TRUE(cleared.rung.empty());
}

TEST_F(DeadlinesTest, LeaveTheWheelWhenTheyAreDestroyed) {
  auto gone = std::make_unique<Alarm>();
  wheel.set(*gone, kStart + 200);
  gone.reset();
  advance_to(kStart + 1'000);
}

TEST_F(DeadlinesTest, MayBeSetAnewWhileTheyRing) {
  Alarm* self = nullptr;
  Alarm again([&] {
    if (self->rung.size() < 3) wheel.set(*self, wheel.now_ms());
  });
  self = &again;
  wheel.set(again, kStart + 100);
  advance_to(kStart + 1'000);
  EXPECT_EQ(again.rung.size(), 3U);
}

TEST_F(DeadlinesTest, MayDestroyOthersOfTheSameSlot) {
  auto victim = std::make_unique<Alarm>();
  Alarm first([&] { victim.reset(); });
  wheel.set(first, kStart + 200);
  wheel.set(*victim, kStart + 200);
  advance_to(kStart + 1'000);
  EXPECT_EQ(first.rung.size(), 1U);
  EXPECT_FALSE(victim);
}

}  // namespace
}  // namespace seendr::http
