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

TEST(Seat, KeepsOwnFramesInOrderUntilThePartnerHasThem) {
  Seat seat;
  for (const char* id : {"a", "b", "c"}) EXPECT_TRUE(seat.keep({"chat_message", "{}", id}));
  EXPECT_EQ(seat.next_to_send()->id, "a");
  EXPECT_EQ(seat.next_to_send()->id, "b");
  seat.confirm("a");

  seat.send_again();

  EXPECT_EQ(seat.next_to_send()->id, "b");
  EXPECT_EQ(seat.next_to_send()->id, "c");
  EXPECT_FALSE(seat.next_to_send());
}

TEST(Seat, KeepsNoMoreThanItHasRoomFor) {
  Seat seat;
  EXPECT_TRUE(seat.keep({"chat_message", std::string(kMaxHeldBytes, 'x'), "a"}));
  EXPECT_FALSE(seat.keep({"chat_message", "x", "b"}));
  seat.confirm("a");
  for (std::size_t i = 0; i < kMaxHeldFrames; ++i) EXPECT_TRUE(seat.keep({"signal", "", "c"}));
  EXPECT_FALSE(seat.keep({"signal", "", "d"}));
}

TEST(Seat, KnowsWhichOfThePartnersFramesItHas) {
  Seat seat;
  seat.note("sent on");
  seat.hold({"chat_message", "{}", "held"});
  EXPECT_TRUE(seat.knows("sent on"));
  EXPECT_TRUE(seat.knows("held"));
  EXPECT_FALSE(seat.knows("new"));

  for (std::size_t i = 0; i < kMaxHeldFrames; ++i) seat.note(std::to_string(i));
  EXPECT_FALSE(seat.knows("held")) << "as many as the partner may send again";
}

}  // namespace
}  // namespace seendr::rooms
