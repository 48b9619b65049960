#include "match/recovery.hpp"

#include <gtest/gtest.h>

#include "support/people.hpp"

namespace seendr::match {
namespace {

std::optional<Record> record(const char* text) {
  return parse_record(kAda, text);
}

Person seated(LogId claim) {
  Person person;
  person.user = kAda;
  person.session = 5;
  person.place = Place::room;
  person.room = RoomId{"r1"};
  person.peer = kBob;
  person.claim = claim;
  return person;
}

TEST(Continuity, ComparesWhatTheServerKnewWithWhatWasRead) {
  EXPECT_EQ(continuity({1, 7}, {1, 7}), Continuity::whole);
  EXPECT_EQ(continuity({1, 8}, {1, 7}), Continuity::skipped);
  EXPECT_EQ(continuity({1, 6}, {1, 7}), Continuity::lost);
  EXPECT_EQ(continuity({0, 0}, {1, 7}), Continuity::lost);
}

TEST(SeatRepair, ASeatThatIsStillThereIsLeftAlone) {
  const Person ada = seated({1, 9});
  EXPECT_EQ(seat_repair(ada, record("M|r1|one|5|12|1-9"), "one", std::nullopt),
            SeatRepair::nothing);
}

TEST(SeatRepair, ASeatThatMovedToANewerSessionIsLeftAlone) {
  const Person ada = seated({1, 9});
  EXPECT_EQ(seat_repair(ada, record("M|r1|two|6|12|1-9"), "one", std::nullopt),
            SeatRepair::nothing);
  EXPECT_EQ(seat_repair(ada, record("M|r1|two|4|12|1-9"), "one", std::nullopt),
            SeatRepair::restore);
}

TEST(SeatRepair, AClaimThatRedisLostIsPutBack) {
  const Lost lost{{1, 5}, {1, 20}};
  EXPECT_EQ(seat_repair(seated({1, 9}), std::nullopt, "one", lost), SeatRepair::restore);
  EXPECT_EQ(seat_repair(seated({1, 9}), record("A|1-2|one|5|1|a|b"), "one", lost),
            SeatRepair::restore);
}

TEST(SeatRepair, AnOlderClaimThatIsGoneHasEnded) {
  const Lost lost{{1, 5}, {1, 20}};
  EXPECT_EQ(seat_repair(seated({1, 5}), std::nullopt, "one", lost), SeatRepair::end);
  EXPECT_EQ(seat_repair(seated({1, 9}), std::nullopt, "one", std::nullopt), SeatRepair::end);
}

TEST(SeatRepair, AnotherRoomIsLeftToTheScript) {
  const Person ada = seated({1, 9});
  EXPECT_EQ(seat_repair(ada, record("M|r2|one|5|13|2-1"), "one", std::nullopt),
            SeatRepair::restore);
}

TEST(TakeOutRepair, WhoeverLeftAndIsThereAgainLeavesAgain) {
  const TakenOut left{kAda, 5, RoomId{}, CloseReason::left, 0};
  EXPECT_EQ(take_out_repair(left, record("A|1-2|one|5|1|a|b"), "one"), TakeOutRepair::leave);
  EXPECT_EQ(take_out_repair(left, record("M|r1|one|5|12|1-9"), "one"), TakeOutRepair::close);
  EXPECT_EQ(take_out_repair(left, std::nullopt, "one"), TakeOutRepair::nothing);
}

TEST(TakeOutRepair, NewerSessionsAndOtherProcessesAreLeftAlone) {
  const TakenOut left{kAda, 5, RoomId{}, CloseReason::left, 0};
  EXPECT_EQ(take_out_repair(left, record("A|1-2|one|6|1|a|b"), "one"), TakeOutRepair::nothing);
  EXPECT_EQ(take_out_repair(left, record("A|1-2|two|5|1|a|b"), "one"), TakeOutRepair::nothing);
}

TEST(TakeOutRepair, ARoomThatWasClosedIsClosedAgain) {
  const TakenOut closed{kAda, 5, RoomId{"r1"}, CloseReason::next, 0};
  EXPECT_EQ(take_out_repair(closed, record("M|r1|one|5|12|1-9"), "one"), TakeOutRepair::close);
  EXPECT_EQ(take_out_repair(closed, record("M|r2|one|5|12|1-9"), "one"), TakeOutRepair::nothing);
}

}  // namespace
}  // namespace seendr::match
