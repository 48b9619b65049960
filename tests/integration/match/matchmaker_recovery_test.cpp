#include <filesystem>

#include <gmock/gmock.h>

#include "support/people.hpp"

#include "log_check.hpp"
#include "world.hpp"

namespace seendr::match::test {
namespace {

using ::testing::IsEmpty;

class MatchmakerRecoveryTest : public WorldTest {
 protected:
  std::filesystem::path data() const { return redis_.directory() / "test"; }
  std::filesystem::path saved() const { return redis_.directory() / "saved"; }

  // Keeps what Redis has on disk now.
  void save() {
    std::filesystem::remove_all(saved());
    std::filesystem::copy(data(), saved(), std::filesystem::copy_options::recursive);
  }

  // A fail-over to a server that has only what was saved.
  void fail_over() {
    redis_.kill9();
    std::filesystem::remove_all(data());
    std::filesystem::rename(saved(), data());
    redis_.start();
  }

  // Everybody is connected to the new server and done with settling.
  awaitable<void> wait_settled(std::vector<Node*> nodes, std::uint64_t epoch) {
    condition([nodes, epoch] {
      return std::all_of(nodes.begin(), nodes.end(), [epoch](Node* node) {
        return node->server.epoch() == epoch && node->matchmaker.healthy();
      });
    });
    co_await eventually();
  }
};

TEST_F(MatchmakerRecoveryTest, AGapInTheLogIsBridgedByASnapshot) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    const std::vector<Node*> both{one, two};
    const Search what = wish(kAda);
    co_await search(one, what);
    redis_.pause();
    redis_.resume();
    // Entries that `two` cannot have read, trimmed before it can.
    Pool pool(one->commands, one->server, {});
    redis::Pipeline burst;
    for (int i = 0; i < 50; ++i) {
      burst.add("XADD", shard_key("all", "log"), std::to_string(one->server.epoch()) + "-*", "e",
                "K|1|2");
    }
    burst.add("XTRIM", shard_key("all", "log"), "MAXLEN", 1);
    redis::Pipeline atomic;
    atomic.add("MULTI");
    for (const redis::Command& command : burst.commands()) atomic.add(command);
    atomic.add("EXEC");
    co_await one->commands.exec(std::move(atomic));

    const Search other = wish(kBob);
    co_await search(two, other);
    condition([=] { return one->sink.told.size() == 1 && two->sink.told.size() == 1; });
    co_await eventually();
    EXPECT_NE(env_.metrics.scrape().find("seendr_match_resyncs_total{cause=\"gap\"}"),
              std::string::npos);
  });
}

TEST_F(MatchmakerRecoveryTest, ARestartOfRedisLosesNothing) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    const std::vector<Node*> both{one, two};
    const RoomId room = co_await pair(one, kAda, two, kBob);
    const Search what = wish(kCleo);
    co_await search(one, what);
    redis_.restart();
    co_await wait_settled(both, 2);

    const Search other = wish(kDan);
    co_await search(two, other);
    condition([=] { return one->sink.of(kCleo).size() == 1; });
    co_await eventually();
    EXPECT_THAT(one->sink.ends, IsEmpty());
    const auto host = co_await one->matchmaker.seat_host(kBob, room);
    EXPECT_EQ(host, "two");
    const std::vector<std::string> faults = co_await check_log(one->commands);
    EXPECT_THAT(faults, IsEmpty());
  });
}

TEST_F(MatchmakerRecoveryTest, AFailOverThatLostAClaimPutsThePairBack) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    const std::vector<Node*> both{one, two};
    const Search third = wish(kCleo, {8, 9});
    save();
    const RoomId room = co_await pair(one, kAda, two, kBob);
    co_await search(two, third);
    fail_over();
    co_await wait_settled(both, 2);
    Pool pool(one->commands, one->server, {});
    std::optional<std::string> ada;
    std::optional<std::string> bob;
    while (!ada || !bob) {
      ada = co_await one->matchmaker.seat_host(kAda, room);
      bob = co_await one->matchmaker.seat_host(kBob, room);
    }

    EXPECT_EQ(ada, "one");
    EXPECT_EQ(bob, "two");
    EXPECT_EQ(one->sink.told.size(), 1u);
    EXPECT_EQ(two->sink.told.size(), 1u);
    EXPECT_THAT(one->sink.ends, IsEmpty());
    EXPECT_THAT(two->sink.ends, IsEmpty());
    const auto row = co_await pool.room(room);
    EXPECT_TRUE(row);
    // The search that was lost with it goes on.
    const Search fourth = wish(kDan, {8, 9});
    co_await search(one, fourth);
    condition([two] { return two->sink.of(kCleo).size() == 1; });
    co_await eventually();
    const LogReplay replay = co_await replay_log(one->commands);
    EXPECT_EQ(replay.conflicts, 0u);
  });
}

TEST_F(MatchmakerRecoveryTest, AFailOverThatBroughtBackTheTicketsOfAPairKeepsThePair) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    Node* two = co_await start("two");
    const std::vector<Node*> both{one, two};
    const Search what = wish(kAda, {1, 2, 3});
    co_await search(one, what);
    save();  // The ticket is there, the claim is not.
    const Search other = wish(kBob, {1, 2, 3});
    co_await search(two, other);
    condition([=] { return one->sink.told.size() == 1 && two->sink.told.size() == 1; });
    co_await eventually();
    const RoomId room = one->sink.told.front().room;
    fail_over();
    co_await wait_settled(both, 2);
    const Search third = wish(kCleo);
    co_await search(two, third);
    std::optional<std::string> ada;
    std::optional<std::string> bob;
    while (!ada || !bob) {
      ada = co_await one->matchmaker.seat_host(kAda, room);
      bob = co_await one->matchmaker.seat_host(kBob, room);
    }

    EXPECT_EQ(one->sink.of(kAda).size(), 1u);
    EXPECT_THAT(one->sink.ends, IsEmpty());
    EXPECT_THAT(two->sink.of(kCleo), IsEmpty());
    const LogReplay replay = co_await replay_log(one->commands);
    EXPECT_EQ(replay.conflicts, 0u);
    EXPECT_EQ(replay.people.at("11"), "M " + room.text());
  });
}

TEST_F(MatchmakerRecoveryTest, AFailOverThatForgotALeaveIsSetRight) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    const std::vector<Node*> both{one};
    const Search what = wish(kAda);
    const Search other = wish(kBob, {7});
    co_await search(one, what);
    co_await search(one, other);
    save();
    co_await one->matchmaker.cancel(kAda, "left");
    co_await one->matchmaker.depart(kBob);
    fail_over();
    co_await wait_settled(both, 2);
    const redis::Command count("HLEN", shard_key("all", "people"));
    std::int64_t left = 1;
    while (left > 0) {
      const redis::Reply reply = co_await ask(one, count);
      left = reply.as_int();
    }
    EXPECT_THAT(one->sink.told, IsEmpty());
  });
}

TEST_F(MatchmakerRecoveryTest, AFailOverThatForgotTheEndOfARoomEndsItAgain) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    const std::vector<Node*> both{one};
    const RoomId room = co_await pair(one, kAda, one, kBob);
    save();
    co_await one->matchmaker.close(kAda, room, CloseReason::left);
    co_await one->matchmaker.depart(kBob);
    fail_over();
    co_await wait_settled(both, 2);
    const redis::Command count("HLEN", shard_key("all", "rooms"));
    std::int64_t left = 1;
    while (left > 0) {
      const redis::Reply reply = co_await ask(one, count);
      left = reply.as_int();
    }
    EXPECT_EQ(one->sink.ends.size(), 2u);
  });
}

TEST_F(MatchmakerRecoveryTest, ADataSetThatWasWipedIsBuiltAnew) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one");
    const std::vector<Node*> both{one};
    const Search what = wish(kAda);
    co_await search(one, what);
    const redis::Command wipe("FLUSHALL");
    co_await ask(one, wipe);
    co_await wait_settled(both, 2);
    const Search other = wish(kBob);
    co_await search(one, other);
    condition([one] { return one->sink.told.size() == 2; });
    co_await eventually();
  });
}

}  // namespace
}  // namespace seendr::match::test
