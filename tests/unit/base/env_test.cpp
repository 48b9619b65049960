#include "base/env.hpp"

#include <array>
#include <set>

#include <gtest/gtest.h>

namespace seendr {
namespace {

TEST(ManualClock, StartsIn2026AndMovesOnlyWhenMoved) {
  ManualClock clock;
  EXPECT_EQ(clock.wall_ms(), 1'767'225'600'000);
  const auto now = clock.now_ms();

  clock.advance(Millis(1500));

  EXPECT_EQ(clock.wall_ms(), 1'767'225'601'500);
  EXPECT_EQ(clock.now_ms() - now, 1500);
}

TEST(SystemClock, NeverGoesBack) {
  const SystemClock clock;
  const auto first = clock.now();

  EXPECT_GE(clock.now(), first);
}

TEST(SeededRandom, GivesTheSameNumbersForTheSameSeed) {
  SeededRandom one(7);
  SeededRandom same(7);
  SeededRandom other(8);

  const std::uint64_t number = one.u64();

  EXPECT_EQ(number, same.u64());
  EXPECT_NE(number, other.u64());
}

TEST(SystemRandom, DoesNotRepeatItself) {
  SystemRandom random;
  std::set<std::uint64_t> numbers;
  for (int i = 0; i < 100; ++i) numbers.insert(random.u64());

  EXPECT_EQ(numbers.size(), 100U);
}

// Hands out the numbers it was given, in order.
class ScriptedRandom final : public Random {
 public:
  explicit ScriptedRandom(std::vector<std::uint64_t> numbers) : numbers_(std::move(numbers)) {}
  void fill(std::span<unsigned char> bytes) override {
    const std::uint64_t number = numbers_.at(next_++);
    std::copy_n(reinterpret_cast<const unsigned char*>(&number), bytes.size(), bytes.begin());
  }

 private:
  std::vector<std::uint64_t> numbers_;
  std::size_t next_ = 0;
};

TEST(Random, BelowThrowsAwayNumbersThatWouldFavourTheLowOnes) {
  ScriptedRandom random({UINT64_MAX, UINT64_MAX - 1, 14});

  EXPECT_EQ(random.below(10), 4U);
}

TEST(Random, BelowReachesEveryValueAndNoOther) {
  SeededRandom random(1);
  std::array<int, 5> seen{};
  for (int i = 0; i < 1000; ++i) ++seen.at(random.below(5));

  for (const int count : seen) EXPECT_GT(count, 100);
}

TEST(Random, UnitIsFromZeroToBelowOne) {
  ScriptedRandom random({0, UINT64_MAX});

  EXPECT_EQ(random.unit(), 0.0);
  EXPECT_LT(random.unit(), 1.0);
}

}  // namespace
}  // namespace seendr
