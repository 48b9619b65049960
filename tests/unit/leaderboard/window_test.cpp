#include "leaderboard/window.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace seendr::leaderboard {
namespace {

constexpr Millis kSlice{1000};

double total(const std::vector<Slice>& slices) {
  double sum = 0;
  for (const Slice& slice : slices) sum += slice.weight;
  return sum;
}

TEST(Slices, CoverTheWindowAndTheOldestCountsByThePartOfItThatIsInside) {
  const std::vector<Slice> slices = slices_between(10'250, 13'250, kSlice, Millis(0));

  ASSERT_EQ(slices.size(), 4U);
  EXPECT_EQ(slices.front().number, 10);
  EXPECT_EQ(slices.front().weight, 0.75);
  EXPECT_FALSE(slices.front().whole);
  EXPECT_EQ(slices.back().number, 13);
  for (std::size_t i = 1; i < slices.size(); ++i) {
    EXPECT_EQ(slices[i].weight, 1);
    EXPECT_TRUE(slices[i].whole);
  }
}

TEST(Slices, AreAllWholeWhenTheWindowBeginsWithOne) {
  const std::vector<Slice> slices = slices_between(10'000, 13'000, kSlice, Millis(0));

  ASSERT_EQ(slices.size(), 4U);
  EXPECT_TRUE(slices.front().whole);
  EXPECT_EQ(total(slices), 4);
}

TEST(Slices, FadeOutWithoutAJump) {
  for (const Window window : {Window::hour, Window::day, Window::week}) {
    const std::int64_t slice = slice_of(window).count();
    const std::int64_t length = length_of(window).count();
    const std::int64_t event = 1'800'000'000'000 + slice / 3;
    const std::int64_t step = slice / 50;
    double before = 1;

    for (std::int64_t now = event; now < event + length + 2 * slice; now += step) {
      double worth = 0;
      for (const Slice& part : slices_between(now - length, now, slice_of(window), Millis(0))) {
        if (part.number == event / slice) worth = part.weight;
      }
      ASSERT_LE(worth, before);
      ASSERT_LE(before - worth, 0.021);
      if (now <= event + length - slice) {
        ASSERT_EQ(worth, 1);
      }
      before = worth;
    }
    EXPECT_EQ(before, 0);
  }
}

TEST(Slices, ACountIsWorthHalfAfterItsHalfLife) {
  const std::vector<Slice> slices = slices_between(0, 10'500, kSlice, Millis(2000));

  EXPECT_EQ(slices.back().weight, 1);
  EXPECT_EQ(slices[8].weight, 0.5);
  EXPECT_EQ(slices[6].weight, 0.25);
}

TEST(Slices, DecayDoesNotJumpWhenASliceBegins) {
  const auto worth = [](std::int64_t now) {
    return slices_between(0, now, kSlice, Millis(2000))[4].weight;
  };

  EXPECT_EQ(worth(4'000), 1);
  EXPECT_EQ(worth(4'500), 1);
  EXPECT_NEAR(worth(4'999), worth(5'000), 0.001);
  EXPECT_LT(worth(5'000), worth(4'600));
}

TEST(Slices, WeightsAddUpExactlyInAnyOrder) {
  for (std::int64_t start = 10'000; start < 11'000; start += 7) {
    for (const Slice& slice : slices_between(start, start + 9'000, kSlice, Millis(3456))) {
      const double fine = slice.weight * (1 << 20);
      ASSERT_EQ(fine, std::floor(fine));
    }
  }
}

TEST(Slices, TooOldToCountAreLeftOut) {
  const std::vector<Slice> slices = slices_between(0, 1'000'000, kSlice, Millis(1000));
  EXPECT_LT(slices.size(), 25U);
  for (const Slice& slice : slices) EXPECT_GT(slice.weight, 0);
}

}  // namespace
}  // namespace seendr::leaderboard
