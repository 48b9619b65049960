#include "match/matchmaker.hpp"

#include <gmock/gmock.h>

#include "support/people.hpp"

#include "log_check.hpp"
#include "world.hpp"

namespace seendr::match::test {
namespace {

class MatchmakerTest : public WorldTest {};

TEST_F(MatchmakerTest, PairsPeopleOfTwoProcessesAndTellsBothTheSame) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    co_await pair(one, kAda, two, kBob);

    EXPECT_EQ(one->sink.told.size(), 1u);
    EXPECT_EQ(two->sink.told.size(), 1u);
    const Told& ada = one->sink.told.front();
    const Told& bob = two->sink.told.front();
    EXPECT_EQ(ada.room, bob.room);
    EXPECT_EQ(ada.peer, kBob);
    EXPECT_EQ(bob.peer, kAda);
    EXPECT_NE(ada.polite, bob.polite);
    EXPECT_THAT(ada.shared, ::testing::ElementsAre("slug1", "slug2", "slug3"));
    EXPECT_EQ(ada.shared, bob.shared);
    EXPECT_TRUE(ada.standing && bob.standing);
    EXPECT_FALSE(ada.again || bob.again);
    EXPECT_GT(ada.score, 0);
    EXPECT_THAT(ada.room.text(), ::testing::MatchesRegex("[a-z2-7]+\\.all"));
    EXPECT_EQ(ada.room.text().size(), 26u + 4u);
  });
}

TEST_F(MatchmakerTest, PairsPeopleOfOneProcess) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    co_await pair(one, kAda, one, kBob);
    EXPECT_EQ(one->sink.told.size(), 2u);
    condition([one] { return one->matchmaker.presence().in_rooms == 2; });
    co_await eventually();
  });
}

TEST_F(MatchmakerTest, TwoHundredWhoSearchAtOnceAreAllPaired) {
  run([this]() -> awaitable<void> {
    std::vector<Node*> nodes;
    for (const char* name : {"one", "two", "three"}) {
      Node* node = co_await start(name);
      nodes.push_back(node);
    }
    TaskGroup searches(io_.get_executor(), [](const std::string& name, std::exception_ptr error) {
      ADD_FAILURE() << name << ": " << what(error);
    });
    for (int i = 0; i < 200; ++i) {
      const std::uint32_t first = static_cast<std::uint32_t>(i % 7);
      const Search what = wish(UserId{100 + i}, {first, first + 1, 20});
      searches.spawn("search", search_only(nodes[static_cast<std::size_t>(i) % 3], what));
    }
    co_await searches.join();
    condition([&nodes] {
      std::size_t told = 0;
      for (const Node* node : nodes) told += node->sink.told.size();
      return told >= 200;
    });
    co_await eventually();

    std::map<RoomId, std::vector<Told>> rooms;
    for (const Node* node : nodes) {
      for (const Told& told : node->sink.told) rooms[told.room].push_back(told);
    }
    EXPECT_EQ(rooms.size(), 100u);
    for (const auto& [room, sides] : rooms) {
      EXPECT_EQ(sides.size(), 2u) << room.text();
      if (sides.size() != 2) continue;
      EXPECT_EQ(sides[0].peer, sides[1].user);
      EXPECT_EQ(sides[1].peer, sides[0].user);
    }
    const std::vector<std::string> faults = co_await check_log(nodes[0]->commands);
    EXPECT_THAT(faults, ::testing::IsEmpty());
  });
}

TEST_F(MatchmakerTest, ASearchCostsFewCommands) {
  run([this]() -> awaitable<void> {
    Options options = quick();
    options.beat = Millis(100'000);
    Node* one = co_await start("one", options);
    for (int i = 0; i < 20; ++i) {
      const UserId user{100 + i};
      co_await arrive(one, user);
    }
    const redis::Command reset("CONFIG", "RESETSTAT");
    co_await ask(one, reset);
    for (int i = 0; i < 20; ++i) {
      const Search what = wish(UserId{100 + i});
      co_await one->matchmaker.search(what);
    }
    condition([one] { return one->sink.told.size() == 20; });
    co_await eventually();

    const redis::Command info("INFO", "commandstats");
    const redis::Reply stats = co_await ask(one, info);
    // Per person: enter, join, half a claim, and what is remembered of the partner.
    EXPECT_LE(calls(stats.text(), "evalsha"), 20u * 3 + 10);
    for (const char* whole_pool : {"hscan", "hgetall", "keys", "smembers", "zrange"}) {
      EXPECT_EQ(calls(stats.text(), whole_pool), 0u) << whole_pool;
    }
  });
}

TEST_F(MatchmakerTest, ALoungeSearchIsAnsweredAtOnce) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    co_await arrive(one, kAda);
    const Search lounge = one_shot(kAda);
    co_await one->matchmaker.search(lounge);
    condition([one] { return one->sink.misses.size() == 1; });
    co_await eventually();
    EXPECT_EQ(one->sink.misses.front().second, NoMatchReason::empty_pool);

    const Search other = one_shot(kBob, {9});
    co_await search(one, other);
    condition([one] { return one->sink.told.size() == 2; });
    co_await eventually();
    EXPECT_FALSE(one->sink.of(kAda).front().standing);
  });
}

TEST_F(MatchmakerTest, WhoeverIsInTheLoungeComesBackToItAfterTheRoom) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    co_await arrive(one, kAda);
    const Search lounge = one_shot(kAda);
    co_await one->matchmaker.lounge(lounge);
    const Search what = wish(kBob);
    co_await search(one, what);
    condition([one] { return one->sink.told.size() == 2; });
    co_await eventually();
    const RoomId room = one->sink.told.front().room;
    co_await one->matchmaker.close(kBob, room, CloseReason::left);
    const Search third = wish(kCleo);
    co_await search(one, third);

    condition([one] { return one->sink.of(kCleo).size() == 1; });
    co_await eventually();
    EXPECT_EQ(one->sink.of(kCleo).front().peer, kAda);
  });
}

TEST_F(MatchmakerTest, ASearchWithATimeoutEnds) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Search what = wish(kAda);
    what.timeout = Millis(50);
    co_await search(one, what);
    condition([one] { return one->sink.misses.size() == 1; });
    co_await eventually();

    EXPECT_EQ(one->sink.misses.front().second, NoMatchReason::timeout);
    condition([one] { return one->matchmaker.presence().searching == 0; });
    co_await eventually();
  });
}

TEST_F(MatchmakerTest, AStandingSearchTellsHowItGoes) {
  run([this]() -> awaitable<void> {
    // Two in a second are no crowd: the need falls with the time waited.
    Options options = quick();
    options.rate_window = Millis(1000);
    options.relax = Millis(4500);
    Node* one = co_await start("one", options);
    const Search lonely = wish(kBob, {7});
    co_await search(one, lonely);
    const Search what = wish(kAda);
    co_await search(one, what);
    condition([one] { return one->sink.told.size() == 2; });
    co_await eventually();

    const std::vector<Progress>& told = one->sink.progress.at(kAda);
    EXPECT_EQ(told.front().need, 3);
    EXPECT_EQ(told.front().candidates, 1u);
    EXPECT_TRUE(told.front().next_need_in);
    EXPECT_GT(told.size(), 1u);
    for (std::size_t i = 1; i < told.size(); ++i) EXPECT_LT(told[i].need, told[i - 1].need);
  });
}

TEST_F(MatchmakerTest, SaysWhenItIsNotHealthy) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    redis_.kill9();
    condition([one] { return !one->matchmaker.healthy(); });
    co_await eventually();
    EXPECT_THAT(one->matchmaker.trouble(), ::testing::StartsWith("redis: "));
    redis_.start();
    condition([one] { return one->matchmaker.healthy(); });
    co_await eventually();
  });
}

}  // namespace
}  // namespace seendr::match::test
