#include "app/socket/frame_limit.hpp"

#include <gtest/gtest.h>

namespace seendr::app {
namespace {

TEST(FrameLimit, LetsNoMoreThanTheLimitThroughInAnyWindow) {
  FrameLimit limit(LimitSetting{3, Millis(100), false});
  EXPECT_EQ(limit.wait_ms(0), 0);
  EXPECT_EQ(limit.wait_ms(90), 0);
  EXPECT_EQ(limit.wait_ms(91), 0);

  EXPECT_EQ(limit.wait_ms(95), 5);
  EXPECT_EQ(limit.wait_ms(100), 0);  // The first one has left the window.
  EXPECT_EQ(limit.wait_ms(101), 89);
}

TEST(FrameLimit, OffIsNoLimit) {
  FrameLimit limit(LimitSetting{0, Millis(0), true});
  for (int i = 0; i < 10'000; ++i) EXPECT_EQ(limit.wait_ms(0), 0);
}

}  // namespace
}  // namespace seendr::app
