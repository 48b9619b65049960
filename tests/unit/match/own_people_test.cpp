#include "match/own_people.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/people.hpp"

namespace seendr::match {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

Search search_for(std::vector<std::uint32_t> interests, bool standing = true) {
  Search search;
  search.user = kAda;
  search.interests = std::move(interests);
  search.standing = standing;
  return search;
}

// Somebody who searches, with the ticket that says so.
Person searching() {
  Person person;
  person.user = kAda;
  person.quest.emplace();
  person.quest->search = search_for({1, 2});
  person.interests = {1, 2};
  person.attributes = person.wished_attributes();
  person.enter_pool(LogId{1, 1}, 1000, Place::ticket);
  return person;
}

TEST(NextStep, NothingIsDoneForSomebodyWhoWantsNothing) {
  EXPECT_EQ(next_step(Person{}), Step::nothing);
}

TEST(NextStep, WhoeverSearchesJoinsOnce) {
  Person person = searching();
  person.place = Place::none;
  EXPECT_EQ(next_step(person), Step::join);
  person.place = Place::ticket;
  EXPECT_EQ(next_step(person), Step::nothing);
}

TEST(NextStep, OtherInterestsNeedAnotherTicket) {
  Person person = searching();
  person.quest->search.interests = {3};
  EXPECT_EQ(next_step(person), Step::join);
}

TEST(NextStep, ASingleSearchFromTheLoungeUsesItsTicket) {
  Person person = searching();
  person.quest.reset();
  person.lounge = search_for({1, 2}, false);
  person.attributes = person.wished_attributes();
  EXPECT_EQ(next_step(person), Step::nothing);
  person.quest.emplace();
  person.quest->search = search_for({1, 2}, false);
  EXPECT_EQ(next_step(person), Step::nothing);
  person.quest->search = search_for({1, 2}, true);
  EXPECT_EQ(next_step(person), Step::join);
}

TEST(NextStep, WhoeverNoLongerSearchesLeaves) {
  Person person = searching();
  person.quest.reset();
  EXPECT_EQ(next_step(person), Step::leave);
  person.place = Place::held;
  EXPECT_EQ(next_step(person), Step::leave);
}

TEST(NextStep, ALostSocketHoldsThePlaceUntilItIsBack) {
  Person person = searching();
  person.present = false;
  EXPECT_EQ(next_step(person), Step::hold);
  person.place = Place::held;
  EXPECT_EQ(next_step(person), Step::nothing);
  person.present = true;
  EXPECT_EQ(next_step(person), Step::release);
}

TEST(NextStep, ALostReplyIsLookedUpFirst) {
  Person person = searching();
  person.place = Place::unknown;
  EXPECT_EQ(next_step(person), Step::look);
}

TEST(NextStep, AJoinThatMayStillArriveIsFencedOff) {
  Person person;
  person.is_uncertain = true;
  EXPECT_EQ(next_step(person), Step::leave);
}

TEST(NextStep, WhoeverIsInThePoolElsewhereJoinsOnlyToSearch) {
  Person person = searching();
  person.place = Place::elsewhere;
  EXPECT_EQ(next_step(person), Step::join);
  person.away = RoomId{"r1"};
  EXPECT_EQ(next_step(person), Step::nothing);
  person.away = RoomId{};
  person.quest.reset();
  person.lounge = search_for({1}, false);
  EXPECT_EQ(next_step(person), Step::nothing);
}

TEST(NextStep, WhoeverSitsInARoomStaysThereAndIsRestored) {
  Person person = searching();
  person.place = Place::room;
  EXPECT_EQ(next_step(person), Step::nothing);
  person.must_restore = true;
  EXPECT_EQ(next_step(person), Step::restore);
}

TEST(OwnPeople, KnowsWhoSitsInARoom) {
  OwnPeople people;
  Person& ada = people.add(kAda);
  Person& bob = people.add(kBob);
  people.seat(ada, RoomId{"r1"}, kBob, LogId{1, 3});
  people.seat(bob, RoomId{"r1"}, kAda, LogId{1, 3});
  EXPECT_THAT(people.in_room(RoomId{"r1"}), UnorderedElementsAre(&ada, &bob));

  people.unseat(ada);
  EXPECT_THAT(people.in_room(RoomId{"r1"}), ElementsAre(&bob));
  EXPECT_EQ(ada.place, Place::none);
  EXPECT_TRUE(ada.room.empty());

  people.seat(bob, RoomId{"r2"}, kAda, LogId{1, 4});
  EXPECT_THAT(people.in_room(RoomId{"r1"}), IsEmpty());
}

TEST(OwnPeople, RenewsEverybodyOnceInSoManyRounds) {
  OwnPeople people;
  for (int i = 1; i <= 95; ++i) {
    Person& person = people.add(UserId{i});
    person.place = i == 95 ? Place::held : Place::ticket;
  }
  std::vector<UserId> renewed;
  for (int round = 0; round < 40; ++round) {
    for (const UserId user : people.next_to_renew(40)) renewed.push_back(user);
  }
  std::sort(renewed.begin(), renewed.end());
  renewed.erase(std::unique(renewed.begin(), renewed.end()), renewed.end());
  EXPECT_EQ(renewed.size(), 94u);
}

TEST(OwnPeople, RemembersRoomsThatItClosedForAWhile) {
  OwnPeople people;
  people.remember(TakenOut{kAda, 1, RoomId{"r1"}, CloseReason::left, 1000});
  people.remember(TakenOut{kBob, 1, RoomId{"r1"}, CloseReason::left, 2000});
  people.forget_taken_before(1000);
  EXPECT_TRUE(people.was_closed(RoomId{"r1"}));
  people.forget_taken_before(2000);
  EXPECT_FALSE(people.was_closed(RoomId{"r1"}));
}

TEST(Recent, ReadsBackAsItWasWritten) {
  std::deque<Partner> recent;
  note_partner(recent, Partner{kAda, 100}, 2);
  note_partner(recent, Partner{kBob, 200}, 2);
  EXPECT_EQ(encode_recent(recent), "11:100,12:200");
  EXPECT_EQ(encode_recent(parse_recent("11:100,12:200")), "11:100,12:200");
  EXPECT_THAT(parse_recent(""), IsEmpty());
  EXPECT_EQ(parse_recent("x:1,11:,11:7,12").size(), 1u);
}

TEST(Recent, KeepsTheLastOfEachPartner) {
  std::deque<Partner> recent;
  note_partner(recent, Partner{kAda, 100}, 2);
  note_partner(recent, Partner{kBob, 200}, 2);
  note_partner(recent, Partner{kAda, 300}, 2);
  EXPECT_EQ(encode_recent(recent), "12:200,11:300");
  note_partner(recent, Partner{UserId{13}, 400}, 2);
  EXPECT_EQ(encode_recent(recent), "11:300,13:400");
}

TEST(Recent, TheCoolDownEnds) {
  std::deque<Partner> recent = parse_recent("11:100,12:200");
  EXPECT_THAT(cooling_down(recent, 99), UnorderedElementsAre(kAda, kBob));
  EXPECT_THAT(cooling_down(recent, 100), UnorderedElementsAre(kBob));
  EXPECT_EQ(recent.size(), 1u);
}

}  // namespace
}  // namespace seendr::match
