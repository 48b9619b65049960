#include "match/lag_guard.hpp"

#include <gtest/gtest.h>

namespace seendr::match {
namespace {

TEST(LagGuard, StopsAboveOneLimitAndGoesOnBelowTheOther) {
  LagGuard lag(Millis(150), Millis(75));
  lag.sent(0);
  lag.read(150);
  EXPECT_FALSE(lag.is_stopped(150));
  lag.sent(1000);
  lag.read(1151);
  EXPECT_TRUE(lag.is_stopped(1151));
  lag.sent(2000);
  lag.read(2100);
  EXPECT_TRUE(lag.is_stopped(2100));
  EXPECT_EQ(lag.stopped_for(2151), Millis(1000));
  lag.sent(3000);
  lag.read(3074);
  EXPECT_FALSE(lag.is_stopped(3074));
}

TEST(LagGuard, ABeatThatDoesNotComeBackStopsAtOnce) {
  LagGuard lag(Millis(150), Millis(75));
  lag.sent(0);
  EXPECT_FALSE(lag.is_stopped(150));
  EXPECT_TRUE(lag.is_stopped(151));
}

TEST(LagGuard, ABeatThatWasNotSentSaysNothing) {
  LagGuard lag(Millis(150), Millis(75));
  lag.sent(0);
  lag.failed();
  EXPECT_FALSE(lag.is_stopped(1000));
}

}  // namespace
}  // namespace seendr::match
