#include "app/socket/farewell.hpp"

#include <gtest/gtest.h>

namespace seendr::app {
namespace {

using namespace std::chrono_literals;

TEST(Farewell, SpreadsTheMomentsEvenlyOverTheWindow) {
  SeededRandom random(7);
  const std::vector<Millis> moments = farewell_moments(1000, 15'000ms, random);
  ASSERT_EQ(moments.size(), 1000U);
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const Millis begin = 15ms * static_cast<int>(i);
    EXPECT_GE(moments[i], begin);
    EXPECT_LT(moments[i], begin + 15ms);
  }
}

TEST(Farewell, LeavesTheMomentWithinItsPartToChance) {
  SeededRandom one(1);
  SeededRandom other(2);
  EXPECT_NE(farewell_moments(3, 15'000ms, one), farewell_moments(3, 15'000ms, other));
}

TEST(Farewell, TakesNobodyAndNoTime) {
  SeededRandom random(7);
  EXPECT_TRUE(farewell_moments(0, 15'000ms, random).empty());
  EXPECT_EQ(farewell_moments(2, 0ms, random), std::vector<Millis>({0ms, 0ms}));
}

}  // namespace
}  // namespace seendr::app
