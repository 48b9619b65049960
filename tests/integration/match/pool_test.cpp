#include "match/pool.hpp"

#include <gmock/gmock.h>

#include "match/hour.hpp"
#include "runtime/sleep.hpp"

#include "pool_fixture.hpp"

namespace seendr::match::test {
namespace {

using ::testing::ElementsAre;

TEST_F(PoolTest, EnterCountsTheSessionsOfAPerson) {
  run([this]() -> awaitable<void> {
    const Entrance first = co_await pool.enter(kAda);
    co_await pool.remember_recent(kAda, "12:99");
    const Entrance second = co_await pool.enter(kAda);

    EXPECT_EQ(first.session, 1u);
    EXPECT_EQ(first.shard_before, "");
    EXPECT_EQ(second.session, 2u);
    EXPECT_EQ(second.shard_before, "all");
    EXPECT_EQ(second.recent, "12:99");
    const redis::Command ttl("TTL", person_key(kAda));
    const auto value_1 = co_await number(ttl);
    EXPECT_GT(value_1, 86'000);
  });
}

TEST_F(PoolTest, JoinWritesTicketLeaseAndLog) {
  run([this]() -> awaitable<void> {
    const InPool joined = co_await join(kAda, 3);

    const auto found = co_await record(kAda);
    EXPECT_TRUE(found && found->ticket);
    EXPECT_EQ(found->ticket->version, joined.version);
    EXPECT_EQ(found->ticket->t0_ms, joined.t0_ms);
    EXPECT_EQ(found->session, 3u);
    EXPECT_NEAR(static_cast<double>(joined.t0_ms), static_cast<double>(server_.now_ms()), 2000);
    const std::vector<std::string> entries = co_await log();
    EXPECT_THAT(entries.back(), ::testing::StartsWith("J|11|one|3|"));
    const redis::Command leases("ZCARD", shard_key("all", "lease"));
    const auto value_2 = co_await number(leases);
    EXPECT_EQ(value_2, 1);
  });
}

TEST_F(PoolTest, JoinKeepsTheGivenStartOfTheWait) {
  run([this]() -> awaitable<void> {
    const std::vector<JoinItem> items(1, item(kAda, 1, 12345));
    const std::vector<Joined> joined = co_await pool.join(items, "one", Millis(1000));
    EXPECT_EQ(std::get<InPool>(joined.front()).t0_ms, 12345);
  });
}

TEST_F(PoolTest, JoinReplacesTheTicketOfTheSamePerson) {
  run([this]() -> awaitable<void> {
    const InPool first = co_await join(kAda, 1);
    const InPool second = co_await join(kAda, 2);

    EXPECT_LT(first.version, second.version);
    const auto found = co_await record(kAda);
    EXPECT_EQ(found->ticket->version, second.version);
  });
}

TEST_F(PoolTest, JoinTwiceInOneBatchKeepsTheLaterSession) {
  run([this]() -> awaitable<void> {
    std::vector<JoinItem> items;
    items.push_back(item(kAda, 5));
    items.push_back(item(kAda, 4));
    const std::vector<Joined> joined = co_await pool.join(items, "one", Millis(1000));

    EXPECT_TRUE(std::holds_alternative<InPool>(joined.at(0)));
    EXPECT_EQ(std::get<StaleSession>(joined.at(1)).current, 5u);
  });
}

TEST_F(PoolTest, JoinWithAnOlderSessionIsStale) {
  run([this]() -> awaitable<void> {
    co_await join(kAda, 7);
    const Joined late = co_await join_any(kAda, 6, "two");

    EXPECT_EQ(std::get<StaleSession>(late).current, 7u);
    const auto found = co_await record(kAda);
    EXPECT_EQ(found->ticket->instance, "one");
  });
}

TEST_F(PoolTest, JoinOfSomebodyInARoomTakesTheSeatOver) {
  run([this]() -> awaitable<void> {
    const LogId claimed = co_await seat(kAda, kBob, "r1");
    const Joined again = co_await join_any(kAda, 2, "two");

    const InRoom& room = std::get<InRoom>(again);
    EXPECT_EQ(room.room.text(), "r1");
    EXPECT_EQ(room.peer, kBob);
    const auto found = co_await record(kAda);
    const SeatRecord expected{RoomId{"r1"}, "two", 2, kBob, claimed};
    EXPECT_EQ(found->seat, expected);
  });
}

TEST_F(PoolTest, LeaveTakesTheTicketOutOnce) {
  run([this]() -> awaitable<void> {
    const InPool in = co_await join(kAda, 1);
    const Leaving first = co_await pool.leave(kAda, 1, "left", Millis(0));
    const Leaving second = co_await pool.leave(kAda, 1, "left", Millis(0));

    EXPECT_TRUE(std::holds_alternative<Done>(first));
    EXPECT_TRUE(std::holds_alternative<Nothing>(second));
    const auto found_3 = co_await record(kAda);
    EXPECT_FALSE(found_3);
    const std::vector<std::string> entries = co_await log();
    EXPECT_EQ(entries.back(), "L|11|" + in.version.text() + "|left");
  });
}

TEST_F(PoolTest, LeaveOfAnOlderSessionChangesNothing) {
  run([this]() -> awaitable<void> {
    co_await join(kAda, 5);
    const Leaving late = co_await pool.leave(kAda, 4, "left", Millis(0));

    EXPECT_EQ(std::get<StaleSession>(late).current, 5u);
    const auto found_4 = co_await record(kAda);
    EXPECT_TRUE(found_4);
  });
}

TEST_F(PoolTest, LeaveOfSomebodyInARoomNamesTheRoom) {
  run([this]() -> awaitable<void> {
    co_await seat(kAda, kBob, "r1");
    const Leaving outcome = co_await pool.leave(kAda, 1, "left", Millis(0));
    EXPECT_EQ(std::get<InRoom>(outcome).room.text(), "r1");
  });
}

TEST_F(PoolTest, AFenceRefusesJoinsOfOlderSessionsOnly) {
  run([this]() -> awaitable<void> {
    const Leaving none = co_await pool.leave(kAda, 2, "moved", Millis(5000));
    const Joined late = co_await join_any(kAda, 1, "one");
    const Joined newer = co_await join_any(kAda, 3, "one");

    EXPECT_TRUE(std::holds_alternative<Nothing>(none));
    EXPECT_EQ(std::get<StaleSession>(late).current, 2u);
    EXPECT_TRUE(std::holds_alternative<InPool>(newer));
  });
}

TEST_F(PoolTest, AFenceIsSweptWhenItsTimeIsOver) {
  run([this]() -> awaitable<void> {
    co_await pool.leave(kAda, 2, "moved", Millis(1));
    std::size_t ended = 0;
    while (ended == 0) ended = co_await pool.sweep(10);

    const Joined late = co_await join_any(kAda, 1, "one");
    EXPECT_TRUE(std::holds_alternative<InPool>(late));
  });
}

TEST_F(PoolTest, HoldKeepsThePlaceOutOfReach) {
  run([this]() -> awaitable<void> {
    const InPool ada = co_await join(kAda);
    const InPool bob = co_await join(kBob);
    const bool held = co_await pool.hold(kAda, ada.version, true, Millis(10'000));
    const bool held_again = co_await pool.hold(kAda, ada.version, true, Millis(10'000));
    const ClaimItem both = pair(kBob, bob.version, kAda, ada.version, "r1");
    const ClaimResult refused = co_await claim(both);
    const bool released = co_await pool.hold(kAda, ada.version, false, Millis(10'000));
    const ClaimResult taken = co_await claim(both);

    EXPECT_TRUE(held);
    EXPECT_TRUE(held_again);
    EXPECT_FALSE(refused.id);
    EXPECT_TRUE(refused.a_was_free);
    EXPECT_FALSE(refused.b_was_free);
    EXPECT_TRUE(released);
    EXPECT_TRUE(taken.id);
    const std::vector<std::string> entries = co_await log();
    EXPECT_EQ(std::count(entries.begin(), entries.end(), "H|11|" + ada.version.text()), 1);
    EXPECT_EQ(std::count(entries.begin(), entries.end(), "U|11|" + ada.version.text()), 1);
  });
}

TEST_F(PoolTest, HoldOfAnotherTicketIsRefused) {
  run([this]() -> awaitable<void> {
    const InPool old = co_await join(kAda, 1);
    co_await join(kAda, 2);
    const auto value_5 = co_await pool.hold(kAda, old.version, true, Millis(10'000));
    EXPECT_FALSE(value_5);
    const auto value_6 = co_await pool.hold(kBob, old.version, true, Millis(10'000));
    EXPECT_FALSE(value_6);
  });
}

TEST_F(PoolTest, ClaimSeatsBothAndCountsWhatTheyShare) {
  run([this]() -> awaitable<void> {
    const LogId claimed = co_await seat(kAda, kBob, "r1");

    const auto ada = co_await record(kAda);
    const auto bob = co_await record(kBob);
    const SeatRecord seat_a{RoomId{"r1"}, "one", 1, kBob, claimed};
    const SeatRecord seat_b{RoomId{"r1"}, "one", 1, kAda, claimed};
    EXPECT_EQ(ada->seat, seat_a);
    EXPECT_EQ(bob->seat, seat_b);
    const RoomId room{"r1"};
    const auto row = co_await pool.room(room);
    EXPECT_EQ(row->a, kAda);
    EXPECT_EQ(row->claim, claimed);
    EXPECT_THAT(row->shared, ElementsAre("chess", "music"));
    const std::vector<std::string> entries = co_await log();
    EXPECT_EQ(entries.back(), "C|r1|11|12|one|one|chess,music");
    const std::string counts = trending_key("all", hour_text(server_.now_ms()));
    const redis::Command score("ZSCORE", counts, "chess");
    const auto value_7 = co_await number(score);
    EXPECT_EQ(value_7, 1);
    const redis::Command ttl("TTL", counts);
    const auto value_8 = co_await number(ttl);
    EXPECT_GT(value_8, 7 * 24 * 3600);
  });
}

TEST_F(PoolTest, ClaimOfAnotherVersionTakesNobody) {
  run([this]() -> awaitable<void> {
    const InPool ada = co_await join(kAda, 1);
    const InPool old = co_await join(kBob, 1);
    const InPool bob = co_await join(kBob, 2);
    const ClaimItem stale = pair(kAda, ada.version, kBob, old.version, "r1");
    const ClaimResult result = co_await claim(stale);

    EXPECT_FALSE(result.id);
    EXPECT_TRUE(result.a_was_free);
    EXPECT_FALSE(result.b_was_free);
    const auto found = co_await record(kBob);
    EXPECT_EQ(found->ticket->version, bob.version);
  });
}

TEST_F(PoolTest, NobodyIsPairedWithThemselves) {
  run([this]() -> awaitable<void> {
    const InPool ada = co_await join(kAda);
    const ClaimItem self = pair(kAda, ada.version, kAda, ada.version, "r1");
    const ClaimResult result = co_await claim(self);

    EXPECT_FALSE(result.id);
    const auto found = co_await record(kAda);
    EXPECT_TRUE(found->ticket);
  });
}

TEST_F(PoolTest, NobodyIsTakenTwiceInOneBatch) {
  run([this]() -> awaitable<void> {
    const InPool ada = co_await join(kAda);
    const InPool bob = co_await join(kBob);
    const InPool cleo = co_await join(kCleo);
    std::vector<ClaimItem> items;
    items.push_back(pair(kAda, ada.version, kBob, bob.version, "r1"));
    items.push_back(pair(kCleo, cleo.version, kBob, bob.version, "r2"));
    const auto results = co_await pool.claim(items, server_.epoch(), Millis(30'000));

    EXPECT_TRUE(results.at(0).id);
    EXPECT_FALSE(results.at(1).id);
    EXPECT_TRUE(results.at(1).a_was_free);
    EXPECT_FALSE(results.at(1).b_was_free);
    const redis::Command rooms("HLEN", shard_key("all", "rooms"));
    const auto value_9 = co_await number(rooms);
    EXPECT_EQ(value_9, 1);
  });
}

TEST_F(PoolTest, ClaimOfSomebodyAbsentSaysWhoWasFree) {
  run([this]() -> awaitable<void> {
    const InPool bob = co_await join(kBob);
    const LogId nowhere{1, 1};
    const ClaimItem item_one = pair(kAda, nowhere, kBob, bob.version, "r1");
    const ClaimResult result = co_await claim(item_one);
    EXPECT_FALSE(result.id);
    EXPECT_FALSE(result.a_was_free);
    EXPECT_TRUE(result.b_was_free);
  });
}

}  // namespace
}  // namespace seendr::match::test
