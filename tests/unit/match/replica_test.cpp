#include "match/replica.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seendr::match {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ReplicaTest : public ::testing::Test {
 protected:
  // Applies one entry with the next id.
  Replica::Effect apply(std::string text) {
    const LogId id{1, replica.position().sequence + 1};
    return replica.apply(id, parse_event(id, text), 0);
  }
  static std::string join(int user, std::string instance = "one") {
    return "J|" + std::to_string(user) + "|" + instance + "|1|1000|lang=en;age=adult|1";
  }
  static Snapshot start() {
    Snapshot snapshot;
    snapshot.position = LogId{1, 0};
    return snapshot;
  }

  Replica replica{{Millis(5000), Millis(3000), Millis(6000)}, start()};
};

TEST_F(ReplicaTest, FollowsTicketsFromJoinToLeave) {
  apply(join(11));
  EXPECT_TRUE(replica.engine().is_offered(UserId{11}));
  apply("H|11|1-1");
  EXPECT_FALSE(replica.engine().is_offered(UserId{11}));
  apply("U|11|1-1");
  EXPECT_TRUE(replica.engine().is_offered(UserId{11}));
  apply("L|11|1-1|left");
  EXPECT_EQ(replica.engine().size(), 0u);
}

TEST_F(ReplicaTest, EventsOfAnOlderTicketDoNotTouchTheNewOne) {
  apply(join(11));
  apply(join(11));
  apply("L|11|1-1|left");
  apply("H|11|1-1");
  EXPECT_TRUE(replica.engine().is_offered(UserId{11}));
}

TEST_F(ReplicaTest, AClaimTakesBothOutAndOpensARoom) {
  apply(join(11));
  apply(join(12));
  apply("C|room|11|12|one|one|chess");
  EXPECT_EQ(replica.engine().size(), 0u);
  EXPECT_EQ(replica.rooms(), 1u);
  apply("E|room|11|12|left");
  EXPECT_EQ(replica.rooms(), 0u);
}

TEST_F(ReplicaTest, ARestoredSeatTakesTheTicketOut) {
  apply(join(11));
  apply("S|11|room|12|1-0|chess");
  apply("S|12|room|11|1-0|chess");
  EXPECT_EQ(replica.engine().size(), 0u);
  EXPECT_EQ(replica.rooms(), 1u);
}

TEST_F(ReplicaTest, KnowsNextOldAndMissingEntries) {
  apply(join(11));
  EXPECT_EQ(replica.order({1, 2}), Replica::Order::next);
  EXPECT_EQ(replica.order({1, 1}), Replica::Order::old);
  EXPECT_EQ(replica.order({1, 3}), Replica::Order::gap);
  EXPECT_EQ(replica.order({2, 0}), Replica::Order::next);
  EXPECT_EQ(replica.order({2, 1}), Replica::Order::gap);
  EXPECT_EQ(replica.order({3, 0}), Replica::Order::next);
}

TEST_F(ReplicaTest, AnEntryThatCannotBeReadIsPassedOver) {
  replica.apply({1, 1}, std::nullopt, 0);
  EXPECT_EQ(replica.order({1, 2}), Replica::Order::next);
}

TEST_F(ReplicaTest, ASilentProcessIsNotOfferedAndComesBack) {
  apply("B|one|10000");
  apply("B|two|10000");
  apply(join(11, "one"));
  const auto still = apply("B|two|13000");
  EXPECT_THAT(still.silent, IsEmpty());
  const auto silent = apply("B|two|13001");
  EXPECT_THAT(silent.silent, ElementsAre("one"));
  EXPECT_FALSE(replica.engine().is_offered(UserId{11}));
  EXPECT_TRUE(replica.is_silent("one"));
  const auto back = apply("B|one|13002");
  EXPECT_THAT(back.back, ElementsAre("one"));
  EXPECT_TRUE(replica.engine().is_offered(UserId{11}));
}

TEST_F(ReplicaTest, AProcessSilentForLongIsDead) {
  apply("B|one|10000");
  apply("B|two|16000");
  EXPECT_THAT(replica.dead(), IsEmpty());
  apply("B|two|16001");
  EXPECT_THAT(replica.dead(), ElementsAre("one"));
}

TEST_F(ReplicaTest, AProcessThatJoinsPeopleBeforeItsFirstBeatCountsAsAlive) {
  apply("B|two|10000");
  apply(join(11, "one"));
  apply("B|two|12000");
  EXPECT_FALSE(replica.is_silent("one"));
  apply("B|two|13500");
  EXPECT_TRUE(replica.is_silent("one"));
}

TEST_F(ReplicaTest, AProcessMetBeforeAnyBeatCountsAsAlive) {
  apply(join(11, "one"));
  const auto first = apply("B|two|1700000000000");
  EXPECT_THAT(first.silent, IsEmpty());
  EXPECT_TRUE(replica.engine().is_offered(UserId{11}));
  const auto later = apply("B|two|1700000003001");
  EXPECT_THAT(later.silent, ElementsAre("one"));
}

TEST_F(ReplicaTest, AForgottenProcessThatComesBackIsOfferedAgain) {
  apply("B|one|10000");
  apply("B|two|20000");
  apply("B|two|3700000");  // Over an hour: nothing is known of one any more.
  apply("B|one|3700001");
  apply(join(11, "one"));
  EXPECT_TRUE(replica.engine().is_offered(UserId{11}));
}

TEST(ReplicaSnapshot, BringsTicketsRoomsAndProcesses) {
  Snapshot snapshot;
  snapshot.position = LogId{2, 40};
  const UserId ada{11};
  const UserId bob{12};
  snapshot.people = {{ada, *parse_record(ada, "A|2-30|one|1|5|lang=en;age=adult|1")},
                     {bob, *parse_record(bob, "H|2-20|two|1|5|lang=en;age=adult|1")},
                     {ada, *parse_record(ada, "A|2-30|one|1|5|lang=en;age=adult|1")},
                     {UserId{13}, *parse_record(UserId{13}, "M|room|one|1|14|2-10")},
                     {UserId{14}, *parse_record(UserId{14}, "M|room|one|1|13|2-10")}};
  snapshot.instances = {{"one", 10'000}, {"two", 2'000}};
  const Replica replica({Millis(5000), Millis(3000), Millis(6000)}, std::move(snapshot));

  EXPECT_EQ(replica.position(), (LogId{2, 40}));
  EXPECT_EQ(replica.engine().size(), 2u);
  EXPECT_TRUE(replica.engine().is_offered(ada));
  EXPECT_FALSE(replica.engine().is_offered(bob));
  EXPECT_EQ(replica.rooms(), 1u);
  EXPECT_TRUE(replica.is_silent("two"));
  EXPECT_THAT(replica.dead(), ElementsAre("two"));
}

TEST(ReplicaSnapshot, EventsBeforeTheRecordsAreAppliedWithoutHarm) {
  Snapshot snapshot;
  snapshot.position = LogId{2, 40};
  const UserId ada{11};
  snapshot.people = {{ada, *parse_record(ada, "A|2-43|one|2|5|lang=en;age=adult|1")}};
  Replica replica({Millis(5000), Millis(3000), Millis(6000)}, std::move(snapshot));

  const std::vector<std::string> since = {"J|11|one|1|5|lang=en;age=adult|1", "L|11|2-41|left",
                                          "J|11|one|2|5|lang=en;age=adult|1"};
  LogId id{2, 41};
  for (const std::string& text : since) {
    replica.apply(id, parse_event(id, text), 0);
    ++id.sequence;
  }

  ASSERT_NE(replica.engine().find(ada), nullptr);
  EXPECT_EQ(replica.engine().find(ada)->version, (LogId{2, 43}));
}

}  // namespace
}  // namespace seendr::match
