#include <gmock/gmock.h>

#include "support/people.hpp"

#include "world.hpp"

namespace seendr::match::test {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class MatchmakerCallsTest : public WorldTest {};

TEST_F(MatchmakerCallsTest, WhoeverCancelledIsToldOfNobody) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    const Search what = wish(kAda);
    co_await search(one, what);
    const bool cancelled = co_await one->matchmaker.cancel(kAda, "left");
    const bool again = co_await one->matchmaker.cancel(kAda, "left");
    condition([two] { return two->matchmaker.presence().searching == 0; });
    co_await eventually();
    Search other = wish(kBob);
    other.timeout = Millis(400);
    co_await search(two, other);
    condition([two] { return two->sink.misses.size() == 1; });
    co_await eventually();

    EXPECT_TRUE(cancelled);
    EXPECT_FALSE(again);
    EXPECT_THAT(one->sink.told, IsEmpty());
    EXPECT_THAT(two->sink.told, IsEmpty());
  });
}

TEST_F(MatchmakerCallsTest, ACancelDuringTheClaimWins) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    std::size_t told_after_cancel = 0;
    for (int round = 0; round < 20; ++round) {
      const UserId ada{100 + 2 * round};
      const UserId bob{101 + 2 * round};
      const Search what = wish(ada);
      const Search other = wish(bob);
      co_await search(one, what);
      co_await search(two, other);
      const bool cancelled = co_await one->matchmaker.cancel(ada, "left");
      const std::size_t told = one->sink.of(ada).size();
      co_await two->matchmaker.depart(bob);
      condition([one] { return one->sink.ends.size() == one->sink.told.size(); });
      co_await eventually();
      if (cancelled) told_after_cancel += one->sink.of(ada).size() - told;
      co_await one->matchmaker.depart(ada);
    }
    EXPECT_EQ(told_after_cancel, 0u);
  });
}

TEST_F(MatchmakerCallsTest, ASecondSearchReplacesTheFirstInPlace) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    const Search first = wish(kAda, {1, 2, 3});
    const Search second = wish(kAda, {7, 8, 9});
    co_await search(one, first);
    co_await one->matchmaker.search(second);
    const Search other = wish(kBob, {7, 8, 9});
    co_await search(one, other);
    condition([one] { return one->sink.told.size() == 2; });
    co_await eventually();

    EXPECT_THAT(one->sink.of(kAda).front().shared, SizeIs(3));
    EXPECT_THAT(one->sink.cancelled, IsEmpty());
  });
}

TEST_F(MatchmakerCallsTest, ASearchFromTheLoungeIsMadeWithWhatItAsksFor) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    co_await arrive(one, kAda);
    co_await arrive(one, kBob);
    const Search lounge_a = one_shot(kAda, {1});
    const Search lounge_b = one_shot(kBob, {7});
    co_await one->matchmaker.lounge(lounge_a);
    co_await one->matchmaker.lounge(lounge_b);
    const Search other = one_shot(kAda, {7});
    co_await one->matchmaker.search(other);
    condition([one] { return one->sink.told.size() == 2; });
    co_await eventually();
    EXPECT_THAT(one->sink.of(kAda).front().shared, ::testing::ElementsAre("slug7"));
  });
}

TEST_F(MatchmakerCallsTest, EverySearchFromTheLoungeIsAnsweredHoweverTheyCross) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    constexpr int kPeople = 60;
    for (int i = 0; i < kPeople; ++i) {
      const UserId user{100 + i};
      Node* node = i % 2 == 0 ? one : two;
      co_await arrive(node, user);
      const Search lounge = one_shot(user, {});
      co_await node->matchmaker.lounge(lounge);
    }
    TaskGroup searches(io_.get_executor(), [](const std::string& name, std::exception_ptr error) {
      ADD_FAILURE() << name << ": " << what(error);
    });
    for (int i = 0; i < kPeople; ++i) {
      const auto first = static_cast<std::uint32_t>(i % 5);
      const Search what = one_shot(UserId{100 + i}, {first, first + 1});
      searches.spawn("search", again(i % 2 == 0 ? one : two, what));
    }
    co_await searches.join();
    condition([=] {
      return one->sink.told.size() + one->sink.misses.size() + two->sink.told.size() +
                 two->sink.misses.size() >=
             static_cast<std::size_t>(kPeople);
    });
    co_await eventually();
  });
}

TEST_F(MatchmakerCallsTest, ASearchThroughAnotherProcessReplacesTheFirst) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    const Search what = wish(kAda);
    co_await search(one, what);
    co_await search(two, what);
    condition([one] { return one->sink.cancelled.size() == 1; });
    co_await eventually();

    EXPECT_EQ(one->sink.cancelled.front().second, CancelReason::replaced);
    EXPECT_EQ(two->matchmaker.presence().searching, 1u);
    const Search other = wish(kBob);
    co_await search(one, other);
    condition([two] { return two->sink.told.size() == 1; });
    co_await eventually();
    EXPECT_THAT(one->sink.of(kAda), IsEmpty());
  });
}

TEST_F(MatchmakerCallsTest, NobodyMeetsThemselvesThroughAnotherProcess) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    Search what = wish(kAda);
    what.timeout = Millis(600);
    co_await search(one, what);
    co_await search(two, what);
    condition([two] { return two->sink.misses.size() == 1; });
    co_await eventually();
    EXPECT_THAT(one->sink.told, IsEmpty());
    EXPECT_THAT(two->sink.told, IsEmpty());
  });
}

TEST_F(MatchmakerCallsTest, ALostSocketKeepsThePlaceButIsNotMatched) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    const Search what = wish(kAda);
    co_await search(one, what);
    co_await one->matchmaker.lost(kAda);
    Search other = wish(kBob);
    other.timeout = Millis(500);
    co_await search(two, other);
    condition([two] { return two->sink.misses.size() == 1; });
    co_await eventually();
    EXPECT_THAT(one->sink.told, IsEmpty());

    co_await one->matchmaker.back(kAda);
    const Search again = wish(kBob);
    co_await two->matchmaker.search(again);
    condition([one] { return one->sink.told.size() == 1; });
    co_await eventually();
  });
}

TEST_F(MatchmakerCallsTest, WhoeverDoesNotComeBackLosesThePlace) {
  run([this]() -> awaitable<void> {
    Options options = quick();
    options.hold = Millis(50);
    Node* one = co_await start("one", options);
    const Search what = wish(kAda);
    co_await search(one, what);
    co_await one->matchmaker.lost(kAda);
    condition([one] { return one->sink.cancelled.size() == 1; });
    co_await eventually();

    const redis::Command count("HLEN", shard_key("all", "people"));
    std::int64_t left = 1;
    while (left > 0) {
      const redis::Reply reply = co_await ask(one, count);
      left = reply.as_int();
    }
    EXPECT_EQ(one->sink.cancelled.front().second, CancelReason::partner_lost);
  });
}

TEST_F(MatchmakerCallsTest, WhoeverDepartsLeavesPoolAndRoom) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    const RoomId room = co_await pair(one, kAda, two, kBob);
    co_await one->matchmaker.depart(kAda);
    condition([two] { return two->sink.ends.size() == 1; });
    co_await eventually();

    EXPECT_EQ(two->sink.ends.front().room, room);
    EXPECT_EQ(two->sink.ends.front().reason, CloseReason::left);
    EXPECT_FALSE(two->sink.ends.front().by_self);
    const redis::Command count("HLEN", shard_key("all", "people"));
    const redis::Reply people = co_await ask(one, count);
    EXPECT_EQ(people.as_int(), 0);
  });
}

TEST_F(MatchmakerCallsTest, WhoeverSitsInARoomDoesNotSearch) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    const RoomId room = co_await pair(one, kAda, one, kBob);
    const Search what = wish(kAda);
    const SearchOutcome outcome = co_await one->matchmaker.search(what);
    EXPECT_EQ(outcome.kind, SearchOutcome::Kind::in_room);
    EXPECT_EQ(outcome.room, room);
  });
}

TEST_F(MatchmakerCallsTest, ASearchWithATimeoutEndsAlsoWhileRedisIsAway) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    co_await arrive(one, kAda);
    redis_.pause();
    Search what = wish(kAda);
    what.timeout = Millis(300);
    const SearchOutcome outcome = co_await one->matchmaker.search(what);
    condition([one] { return one->sink.misses.size() == 1; });
    co_await eventually();
    redis_.resume();

    EXPECT_EQ(outcome.kind, SearchOutcome::Kind::waiting);
    EXPECT_EQ(one->sink.misses[0], std::pair(kAda, NoMatchReason::timeout));
  });
}

TEST_F(MatchmakerCallsTest, TooManySearchesAtOnceAreRefused) {
  run([this]() -> awaitable<void> {
    Options options = quick();
    options.admit_per_s = 1;
    Node* one = co_await start("one", options);
    const Search what = wish(kAda);
    const auto first = co_await search(one, what);
    const auto second = co_await search(one, what);
    EXPECT_EQ(first, SearchOutcome::Kind::waiting);
    EXPECT_EQ(second, SearchOutcome::Kind::overloaded);
  });
}

}  // namespace
}  // namespace seendr::match::test
