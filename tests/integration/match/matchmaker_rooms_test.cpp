#include <gmock/gmock.h>

#include "support/people.hpp"

#include "log_check.hpp"
#include "world.hpp"

namespace seendr::match::test {
namespace {

using ::testing::IsEmpty;

class MatchmakerRoomsTest : public WorldTest {};

TEST_F(MatchmakerRoomsTest, ACloseIsToldToBothOnceAndSaysWhoAsked) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    const RoomId room = co_await pair(one, kAda, two, kBob);
    const bool first = co_await one->matchmaker.close(kAda, room, CloseReason::next);
    const bool second = co_await one->matchmaker.close(kAda, room, CloseReason::next);
    condition([two] { return two->sink.ends.size() == 1; });
    co_await eventually();

    EXPECT_TRUE(first);
    EXPECT_FALSE(second);
    EXPECT_EQ(one->sink.ends.size(), 1u);
    EXPECT_TRUE(one->sink.ends.front().by_self);
    EXPECT_FALSE(two->sink.ends.front().by_self);
    EXPECT_EQ(two->sink.ends.front().reason, CloseReason::next);
  });
}

TEST_F(MatchmakerRoomsTest, OnlyWhoSitsInARoomCanCloseIt) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    const RoomId room = co_await pair(one, kAda, one, kBob);
    co_await arrive(one, kCleo);
    const bool closed = co_await one->matchmaker.close(kCleo, room, CloseReason::left);
    EXPECT_FALSE(closed);
    EXPECT_THAT(one->sink.ends, IsEmpty());
  });
}

TEST_F(MatchmakerRoomsTest, PartnersOfAMomentAgoDoNotMeetAgain) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    const RoomId room = co_await pair(one, kAda, two, kBob);
    co_await one->matchmaker.close(kAda, room, CloseReason::next);
    condition([two] { return two->sink.ends.size() == 1; });
    co_await eventually();
    const std::size_t reports = two->sink.progress[kBob].size();
    const Search again = wish(kAda);
    Search other = wish(kBob);
    other.timeout = Millis(700);
    co_await one->matchmaker.search(again);
    co_await two->matchmaker.search(other);  // Ada was there before, so his first search sees her.
    condition([two] { return two->sink.misses.size() == 1; });
    co_await eventually();

    EXPECT_EQ(one->sink.told.size(), 1u);
    EXPECT_EQ(two->sink.told.size(), 1u);
    EXPECT_EQ(two->sink.progress.at(kBob).at(reports).excluded.at(Rule::cooldown), 1u);
  });
}

TEST_F(MatchmakerRoomsTest, TheCoolDownFollowsAPersonToAnotherProcess) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    const RoomId room = co_await pair(one, kAda, one, kBob);
    co_await one->matchmaker.close(kAda, room, CloseReason::next);
    co_await one->matchmaker.depart(kAda);
    co_await one->matchmaker.depart(kBob);
    Search again = one_shot(kAda);
    again.lounge = false;
    const Search other = wish(kBob);
    co_await search(one, other);
    condition([two] { return two->matchmaker.presence().searching == 1; });
    co_await eventually();
    co_await search(two, again);
    condition([two] { return two->sink.misses.size() == 1; });
    co_await eventually();
    EXPECT_EQ(two->sink.misses.front().second, NoMatchReason::cooldown);
  });
}

TEST_F(MatchmakerRoomsTest, TheCoolDownEnds) {
  run([this]() -> awaitable<void> {
    Options options = quick();
    options.cooldown = Millis(100);
    Node* one = co_await start("one", options);
    const RoomId room = co_await pair(one, kAda, one, kBob);
    co_await one->matchmaker.close(kAda, room, CloseReason::next);
    const Search again = wish(kAda);
    const Search other = wish(kBob);
    co_await one->matchmaker.search(again);
    co_await one->matchmaker.search(other);
    condition([one] { return one->sink.told.size() == 4; });
    co_await eventually();
  });
}

TEST_F(MatchmakerRoomsTest, PeopleWhoBlockedOneAnotherAreNotPaired) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    Facts facts;
    facts.blocked.push_back(kBob);
    co_await one->matchmaker.arrive(kAda, facts);
    Search what = wish(kAda);
    what.timeout = Millis(600);
    co_await one->matchmaker.search(what);
    facts.blocked.front() = kAda;
    co_await two->matchmaker.arrive(kBob, facts);
    Search other = wish(kBob);
    other.timeout = Millis(600);
    co_await two->matchmaker.search(other);
    condition([=] { return one->sink.misses.size() + two->sink.misses.size() == 2; });
    co_await eventually();
    EXPECT_THAT(one->sink.told, IsEmpty());
    EXPECT_THAT(two->sink.told, IsEmpty());
  });
}

TEST_F(MatchmakerRoomsTest, ABlockReachesTheOtherProcessAtOnce) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    co_await arrive(one, kAda);
    co_await arrive(two, kBob);
    one->matchmaker.block(kAda, kBob);
    const redis::Command last("XREVRANGE", shard_key("all", "log"), "+", "-", "COUNT", 200);
    bool announced = false;
    while (!announced) {
      const redis::Reply entries = co_await ask(one, last);
      for (const redis::Reply& entry : entries.as_array()) {
        announced |= entry.as_array().at(1).as_array().at(1).text() == "K|11|12";
      }
    }
    Search what = wish(kAda);
    Search other = wish(kBob);
    what.timeout = other.timeout = Millis(600);
    co_await one->matchmaker.search(what);
    co_await two->matchmaker.search(other);
    condition([=] { return one->sink.misses.size() + two->sink.misses.size() == 2; });
    co_await eventually();
    EXPECT_THAT(two->sink.told, IsEmpty());
  });
}

TEST_F(MatchmakerRoomsTest, ARoomThatSomebodyNeverEntersEndsAndTheOtherSearchesOn) {
  run([this]() -> awaitable<void> {
    Options options = quick();
    options.no_show = Millis(150);
    Node* one = co_await start("one", options);
    Node* two = co_await start("two", options);
    two->sink.enters = false;
    co_await pair(one, kAda, two, kBob);
    condition([=] { return one->sink.ends.size() == 1 && two->sink.ends.size() == 1; });
    co_await eventually();

    EXPECT_EQ(one->sink.ends.front().reason, CloseReason::no_show);
    const Search third = wish(kCleo);
    co_await search(one, third);
    condition([one] { return one->sink.of(kAda).size() == 2; });
    co_await eventually();
    EXPECT_EQ(one->sink.of(kAda).back().peer, kCleo);
    EXPECT_EQ(two->sink.of(kBob).size(), 1u);
  });
}

TEST_F(MatchmakerRoomsTest, TellsWhichProcessHoldsASeat) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    const RoomId room = co_await pair(one, kAda, two, kBob);
    const auto host = co_await one->matchmaker.seat_host(kBob, room);
    co_await one->matchmaker.close(kAda, room, CloseReason::left);
    const auto nobody = co_await one->matchmaker.seat_host(kBob, room);
    EXPECT_EQ(host, "two");
    EXPECT_EQ(nobody, std::nullopt);
  });
}

TEST_F(MatchmakerRoomsTest, TheLogAgreesWithRedisAfterAFewCalls) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    for (int i = 0; i < 10; ++i) {
      const UserId ada{100 + i};
      const UserId bob{200 + i};
      const RoomId room = co_await pair(one, ada, two, bob);
      if (i % 2 == 0) co_await two->matchmaker.close(bob, room, CloseReason::left);
    }
    const std::vector<std::string> faults = co_await check_log(one->commands);
    EXPECT_THAT(faults, IsEmpty());
  });
}

}  // namespace
}  // namespace seendr::match::test
