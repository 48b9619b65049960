#include "rooms/signalling.hpp"

#include <gtest/gtest.h>

namespace seendr::rooms {
namespace {

TEST(Signalling, AFrameSurvivesTheChannelLayer) {
  const RoomFrame frame{RoomId{"abc.all"}, UserId{7},           UserId{9},
                        "signal",          R"({"renew":true})", "f1"};

  const std::optional<RoomFrame> read = from_message(to_message(frame));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->room, frame.room);
  EXPECT_EQ(read->from, frame.from);
  EXPECT_EQ(read->to, frame.to);
  EXPECT_EQ(read->kind, frame.kind);
  EXPECT_EQ(read->body, frame.body);
  EXPECT_EQ(read->id, frame.id);
}

TEST(Signalling, OtherMessagesAreNoRoomFrames) {
  EXPECT_FALSE(from_message({{"type", "chat.message"}}));
  EXPECT_FALSE(from_message({{"type", "seendr.room"}, {"from", "x"}, {"to", "9"}}));
  EXPECT_FALSE(from_message({{"type", "seendr.room"}, {"from", 7}, {"to", 9}}));
}

}  // namespace
}  // namespace seendr::rooms
