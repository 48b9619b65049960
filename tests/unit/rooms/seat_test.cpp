#include "rooms/seat.hpp"

#include <gtest/gtest.h>

namespace seendr::rooms {
namespace {

TEST(Seat, KeepsSignalsAndChatInOrderForASocketThatIsLost) {
  Seat seat;
  EXPECT_TRUE(seat.hold({"signal", "1"}));
  EXPECT_TRUE(seat.hold({"chat_message", "2"}));

  const std::vector<HeldFrame> held = seat.take_held();

  ASSERT_EQ(held.size(), 2U);
  EXPECT_EQ(held[0].body, "1");
  EXPECT_EQ(held[1].body, "2");
  EXPECT_TRUE(seat.take_held().empty());
}

TEST(Seat, DoesNotKeepWhatIsOldByTheTimeSomebodyIsBack) {
  Seat seat;
  EXPECT_FALSE(seat.hold({"typing", "{}"}));
  EXPECT_TRUE(seat.take_held().empty());
}

TEST(Seat, KeepsABoundedNumberOfFramesAndBytes) {
  Seat many;
  for (std::size_t i = 0; i < kMaxHeldFrames; ++i) EXPECT_TRUE(many.hold({"signal", ""}));
  EXPECT_FALSE(many.hold({"signal", ""}));

  Seat large;
  EXPECT_TRUE(large.hold({"signal", std::string(kMaxHeldBytes, 'x')}));
  EXPECT_FALSE(large.hold({"signal", "x"}));
}

}  // namespace
}  // namespace seendr::rooms
