#include "match/record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/people.hpp"

namespace seendr::match {
namespace {

TEST(Record, ReadsTicketsAvailableAndHeld) {
  const auto available = parse_record(kAda, "A|5-3|inst|7|1234|lang=en;age=adult|1,2");
  const auto held = parse_record(kAda, "H|5-3|inst|7|1234|lang=en;age=adult|1,2");

  ASSERT_TRUE(available && available->ticket && held && held->ticket);
  EXPECT_FALSE(available->ticket->held);
  EXPECT_TRUE(held->ticket->held);
  EXPECT_EQ(held->ticket->version, (LogId{5, 3}));
  EXPECT_EQ(held->session, 7u);
  EXPECT_EQ(held->instance(), "inst");
  EXPECT_FALSE(held->seat);
}

TEST(Record, ReadsSeatsAndFences) {
  const auto seat = parse_record(kAda, "M|room.all|inst|7|12|5-9");
  const auto fence = parse_record(kAda, "F|||8|");

  const SeatRecord expected{RoomId{"room.all"}, "inst", 7, UserId{12}, LogId{5, 9}};
  ASSERT_TRUE(seat && fence);
  EXPECT_EQ(seat->seat, expected);
  EXPECT_EQ(seat->session, 7u);
  EXPECT_EQ(fence->session, 8u);
  EXPECT_EQ(fence->instance(), "");
  EXPECT_FALSE(fence->ticket || fence->seat);
}

TEST(Record, RefusesWhatIsMalformed) {
  for (const char* text : {"", "A", "A|5-3|inst|7|1234|lang=en;age=adult", "A|x|inst|7|1234|a|b",
                           "A|5-3|inst|-1|1234|a|b", "M|room|inst|7|12", "M|room|inst|7|no|5-9",
                           "F|||", "F|||x|", "Z|1|2|3|4|5|6"}) {
    EXPECT_FALSE(parse_record(kAda, text)) << text;
  }
}

TEST(Record, ReadsRooms) {
  const auto row = parse_room_row("11|12|5-9|1234|chess,music");
  ASSERT_TRUE(row);
  EXPECT_EQ(row->a, kAda);
  EXPECT_EQ(row->b, UserId{12});
  EXPECT_EQ(row->claim, (LogId{5, 9}));
  EXPECT_EQ(row->created_ms, 1234);
  EXPECT_THAT(row->shared, ::testing::ElementsAre("chess", "music"));
  EXPECT_FALSE(parse_room_row("11|12|5-9|1234"));
  EXPECT_FALSE(parse_room_row("11|12|5-9|soon|"));
}

}  // namespace
}  // namespace seendr::match
