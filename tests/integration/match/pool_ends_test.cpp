#include <gmock/gmock.h>

#include "match/hour.hpp"
#include "match/pool.hpp"
#include "runtime/sleep.hpp"

#include "pool_fixture.hpp"

namespace seendr::match::test {
namespace {

using ::testing::ElementsAre;

TEST_F(PoolTest, CloseFreesBothOnce) {
  run([this]() -> awaitable<void> {
    co_await seat(kAda, kBob, "r1");
    const bool first = co_await close("r1", CloseReason::next);
    const bool second = co_await close("r1", CloseReason::next);

    EXPECT_TRUE(first);
    EXPECT_FALSE(second);
    const auto found_10 = co_await record(kAda);
    EXPECT_FALSE(found_10);
    const auto found_11 = co_await record(kBob);
    EXPECT_FALSE(found_11);
    const std::vector<std::string> entries = co_await log();
    EXPECT_EQ(entries.back(), "E|r1|11|12|next");
    const redis::Command leases("ZCARD", shard_key("all", "lease"));
    const auto value_12 = co_await number(leases);
    EXPECT_EQ(value_12, 0);
  });
}

TEST_F(PoolTest, CloseTwiceInOneBatchEndsTheRoomOnce) {
  run([this]() -> awaitable<void> {
    co_await seat(kAda, kBob, "r1");
    const std::vector<CloseItem> twice(2, CloseItem{RoomId{"r1"}, CloseReason::left});
    const std::vector<bool> ended = co_await pool.close(twice);
    EXPECT_THAT(ended, ElementsAre(true, false));
  });
}

TEST_F(PoolTest, BeatTellsTheTimeAndRenewsOnlyWhatIsThere) {
  run([this]() -> awaitable<void> {
    co_await join(kAda, 1, Millis(1));
    const std::vector<UserId> people{kAda, kBob};
    const std::int64_t time = co_await pool.beat("one", Millis(60'000), people);
    const std::size_t ended = co_await pool.sweep(10);

    EXPECT_EQ(ended, 0u);
    EXPECT_NEAR(static_cast<double>(time), static_cast<double>(env().clock.wall_ms()), 5000);
    const redis::Command leases("ZCARD", shard_key("all", "lease"));
    const auto value_13 = co_await number(leases);
    EXPECT_EQ(value_13, 1);
    const auto instances = co_await pool.instances();
    EXPECT_THAT(instances, ElementsAre(std::pair<std::string, std::int64_t>("one", time)));
    const std::vector<std::string> entries = co_await log();
    EXPECT_EQ(entries.back(), "B|one|" + std::to_string(time));
  });
}

TEST_F(PoolTest, SweepEndsTicketsAndRoomsPastTheirLease) {
  run([this]() -> awaitable<void> {
    co_await seat(kAda, kBob, "r1", Millis(1));
    const InPool cleo = co_await join(kCleo, 1, Millis(1));
    const redis::Command leases("ZCARD", shard_key("all", "lease"));
    std::int64_t left = 3;
    while (left > 0) {  // Until the millisecond has passed for all three.
      co_await pool.sweep(10);
      left = co_await number(leases);
    }

    const auto found_14 = co_await record(kAda);
    EXPECT_FALSE(found_14);
    const auto found_15 = co_await record(kBob);
    EXPECT_FALSE(found_15);
    const auto found_16 = co_await record(kCleo);
    EXPECT_FALSE(found_16);
    const std::vector<std::string> entries = co_await log();
    EXPECT_EQ(std::count(entries.begin(), entries.end(), "E|r1|11|12|expired"), 1);
    EXPECT_EQ(
        std::count(entries.begin(), entries.end(), "L|13|" + cleo.version.text() + "|expired"), 1);
    const redis::Command rooms("HLEN", shard_key("all", "rooms"));
    const auto value_18 = co_await number(rooms);
    EXPECT_EQ(value_18, 0);
  });
}

TEST_F(PoolTest, EvictRemovesTicketsInTheirVersionsOnly) {
  run([this]() -> awaitable<void> {
    const InPool ada = co_await join(kAda, 1);
    const InPool old = co_await join(kBob, 1);
    co_await join(kBob, 2);
    co_await seat(kCleo, kDan, "r1");
    const auto seat_of_cleo = co_await record(kCleo);
    const std::vector<std::pair<UserId, LogId>> tickets{
        {kAda, ada.version}, {kBob, old.version}, {kCleo, seat_of_cleo->seat->claim}};
    const std::size_t removed = co_await pool.evict("instance_dead", tickets);

    EXPECT_EQ(removed, 1u);
    const auto found_19 = co_await record(kAda);
    EXPECT_FALSE(found_19);
    const auto found_20 = co_await record(kBob);
    EXPECT_TRUE(found_20);
    const auto found_21 = co_await record(kCleo);
    EXPECT_TRUE(found_21);
  });
}

TEST_F(PoolTest, RestorePutsBothSidesBackInAnyOrder) {
  run([this]() -> awaitable<void> {
    const LogId claimed{1, 500};
    const Seat bob{kBob, "two", 4, RoomId{"r1"}, kAda, claimed, "chess"};
    const Seat ada{kAda, "one", 3, RoomId{"r1"}, kBob, claimed, "chess"};
    co_await join(kAda, 2);
    const Restored first = co_await pool.restore(bob, Millis(60'000));
    const Restored second = co_await pool.restore(ada, Millis(60'000));
    const Restored again = co_await pool.restore(ada, Millis(60'000));

    EXPECT_TRUE(std::holds_alternative<Done>(first));
    EXPECT_TRUE(std::holds_alternative<Done>(second));
    EXPECT_TRUE(std::holds_alternative<Done>(again));
    const auto found = co_await record(kAda);
    const SeatRecord expected{RoomId{"r1"}, "one", 3, kBob, claimed};
    EXPECT_EQ(found->seat, expected);
    const RoomId room{"r1"};
    const auto row = co_await pool.room(room);
    EXPECT_EQ(row->a, kAda);
    EXPECT_EQ(row->b, kBob);
    const std::vector<std::string> entries = co_await log();
    EXPECT_EQ(std::count(entries.begin(), entries.end(), "S|11|r1|12|1-500|chess"), 1);
  });
}

TEST_F(PoolTest, RestoreYieldsToAnotherRoomAndToANewerSession) {
  run([this]() -> awaitable<void> {
    co_await seat(kAda, kBob, "r2");
    co_await join(kCleo, 9);
    const Seat ada{kAda, "one", 3, RoomId{"r1"}, kDan, LogId{1, 1}, ""};
    const Seat cleo{kCleo, "one", 8, RoomId{"r1"}, kDan, LogId{1, 1}, ""};
    const Restored in_room = co_await pool.restore(ada, Millis(60'000));
    const Restored stale = co_await pool.restore(cleo, Millis(60'000));

    EXPECT_EQ(std::get<InRoom>(in_room).room.text(), "r2");
    EXPECT_EQ(std::get<StaleSession>(stale).current, 9u);
  });
}

// Whether a call was refused because its epoch has passed.
template <class T>
awaitable<bool> is_refused(awaitable<T> call) {
  try {
    co_await std::move(call);
  } catch (const system_error& error) {
    co_return error.code() == make_error_code(Errc::stale_epoch);
  }
  co_return false;
}

TEST_F(PoolTest, EveryScriptOfAPassedEpochChangesNothing) {
  run([this]() -> awaitable<void> {
    const InPool ada = co_await join(kAda);
    const InPool bob = co_await join(kBob);
    const ClaimItem both = pair(kAda, ada.version, kBob, bob.version, "r1");
    const std::vector<ClaimItem> items(1, both);
    const std::vector<std::pair<UserId, LogId>> tickets(1, {kAda, ada.version});
    const Seat seat_of_ada{kAda, "one", 3, RoomId{"r1"}, kBob, LogId{1, 1}, ""};
    const std::vector<UserId> nobody;
    const redis::Command bump("HINCRBY", shard_key("all", "meta"), "epoch", 1);
    co_await client_.exec(bump);
    const std::vector<std::string> before = co_await log();

    std::vector<bool> refused;
    bool is_stale = false;
    is_stale = co_await is_refused(join(kCleo));
    refused.push_back(is_stale);
    is_stale = co_await is_refused(pool.leave(kAda, 1, "left", Millis(0)));
    refused.push_back(is_stale);
    is_stale = co_await is_refused(pool.hold(kAda, ada.version, true, Millis(1)));
    refused.push_back(is_stale);
    is_stale = co_await is_refused(pool.claim(items, server_.epoch(), Millis(1)));
    refused.push_back(is_stale);
    is_stale = co_await is_refused(close("r1"));
    refused.push_back(is_stale);
    is_stale = co_await is_refused(pool.beat("one", Millis(1), nobody));
    refused.push_back(is_stale);
    is_stale = co_await is_refused(pool.sweep(1));
    refused.push_back(is_stale);
    is_stale = co_await is_refused(pool.evict("instance_dead", tickets));
    refused.push_back(is_stale);
    is_stale = co_await is_refused(pool.restore(seat_of_ada, Millis(1)));
    refused.push_back(is_stale);

    EXPECT_EQ(refused, std::vector<bool>(9, true));
    const std::vector<std::string> after = co_await log();
    EXPECT_EQ(before, after);
  });
}

TEST_F(PoolTest, LogIdsHaveNoGapsWithinAnEpoch) {
  run([this]() -> awaitable<void> {
    co_await seat(kAda, kBob, "r1");
    co_await close("r1");
    co_await pool.announce_block(kAda, kBob);
    const redis::Command range("XRANGE", shard_key("all", "log"), "-", "+");
    const redis::Reply reply = co_await client_.exec(range);

    std::uint64_t next = 0;
    for (const redis::Reply& entry : reply.as_array()) {
      const LogId expected{server_.epoch(), next++};
      EXPECT_EQ(entry.as_array().at(0).text(), expected.text());
    }
    EXPECT_EQ(next, 6u);
  });
}

}  // namespace
}  // namespace seendr::match::test
