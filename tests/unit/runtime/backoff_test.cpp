#include "runtime/backoff.hpp"

#include <set>

#include <gtest/gtest.h>

namespace seendr {
namespace {

constexpr BackoffOptions kOptions{.first = Millis(100), .limit = Millis(1000)};

TEST(Backoff, DoublesItsUpperLimitAndKeepsHalfOfIt) {
  SeededRandom random(1);
  Backoff backoff(kOptions);
  for (const int top : {100, 200, 400, 800, 1000, 1000}) {
    const Millis delay = backoff.next(random);
    EXPECT_GE(delay, Millis(top / 2));
    EXPECT_LE(delay, Millis(top));
  }
}

TEST(Backoff, StartsAgainAfterASuccess) {
  SeededRandom random(1);
  Backoff backoff(kOptions);
  for (int i = 0; i < 5; ++i) backoff.next(random);

  backoff.reset();

  EXPECT_LE(backoff.next(random), Millis(100));
}

TEST(Backoff, SpreadsThoseThatFailTogether) {
  SeededRandom random(1);
  std::set<Millis> delays;
  for (int i = 0; i < 50; ++i) delays.insert(Backoff(kOptions).next(random));

  EXPECT_GT(delays.size(), 10U);
}

TEST(Backoff, StaysAtItsLimitHoweverLongItGoesOn) {
  SeededRandom random(1);
  Backoff backoff(kOptions);
  for (int i = 0; i < 10'000; ++i) backoff.next(random);

  const Millis delay = backoff.next(random);

  EXPECT_GE(delay, Millis(500));
  EXPECT_LE(delay, Millis(1000));
}

}  // namespace
}  // namespace seendr
