#include "app/upkeep/match_history.hpp"

#include "match/keys.hpp"
#include "match/log_event.hpp"
#include "support/postgres_test.hpp"
#include "support/redis_test.hpp"

namespace seendr::app {
namespace {

class MatchHistoryTest : public test::RedisTest {
 protected:
  UserId person() {
    return UserId{std::stoll(
        database_.execute("insert into users (display_name) values ('Ada') returning id"))};
  }

  awaitable<void> tell(match::LogEvent event) {
    redis::Command add("XADD", match::shard_key("all", "log"),
                       std::to_string(epoch_) + "-" + std::to_string(++sequence_), "e",
                       match::encode(event));
    co_await redis().exec(std::move(add));
  }

  awaitable<void> beat(std::int64_t ms) {
    match::LogEvent event = match::event::Beat{"one", ms};
    co_await tell(std::move(event));
  }

  awaitable<void> made(std::string room, UserId a, UserId b) {
    match::LogEvent event =
        match::event::Claimed{RoomId{std::move(room)}, a, b, "one", "two", {"chess", "go"}};
    co_await tell(std::move(event));
  }

  awaitable<void> ended(std::string room, UserId a, UserId b) {
    match::LogEvent event =
        match::event::Ended{RoomId{std::move(room)}, a, b, match::CloseReason::next};
    co_await tell(std::move(event));
  }

  // "room a b slugs made ended reason", a line a match.
  std::string rows() const {
    return database_.execute(
        "select coalesce(string_agg(concat_ws(' ', room_id, coalesce(user_a::text, '-'), "
        "coalesce(user_b::text, '-'), array_to_string(shared, ','), extract(epoch from made_at) * "
        "1000, extract(epoch from ended_at) * 1000, end_reason), E'\\n' order by room_id), '') "
        "from match_history");
  }
  std::string count() const { return database_.execute("select count(*) from match_history"); }

  test::TestDatabase database_;
  postgres::Database postgres_{env(), postgres::DatabaseOptions{database_.url()}};
  MatchHistory history_{env(), redis(), postgres_, "all"};
  std::uint64_t epoch_ = 1;
  std::uint64_t sequence_ = 0;
};

TEST_F(MatchHistoryTest, WritesEachMatchWithItsTimesAndItsEnd) {
  const UserId ada = person();
  const UserId bob = person();
  run([&]() -> awaitable<void> {
    co_await beat(1'700'000'000'000);
    co_await made("r1", ada, bob);
    co_await beat(1'700'000'001'000);
    co_await made("r2", bob, ada);
    co_await ended("r1", ada, bob);
    const MatchHistory::Step step = co_await history_.step(100);
    EXPECT_EQ(step.read, 5U);
    EXPECT_EQ(step.made, 2U);
    EXPECT_FALSE(step.overtaken);
    const std::string pair = ada.text() + " " + bob.text();
    const std::string riap = bob.text() + " " + ada.text();
    EXPECT_EQ(rows(), "r1 " + pair +
                          " chess,go 1700000000000.000000 1700000001000.000000 next\nr2 " + riap +
                          " chess,go 1700000001000.000000");

    co_await beat(1'700'000'009'000);
    co_await ended("r2", ada, bob);
    const MatchHistory::Step next = co_await history_.step(100);
    EXPECT_EQ(next.read, 2U) << "goes on where it was";
    EXPECT_NE(rows().find("1700000009000.000000 next"), std::string::npos) << rows();
  });
}

TEST_F(MatchHistoryTest, WritesEachMatchOnceHoweverManyAreAtIt) {
  const UserId ada = person();
  const UserId bob = person();
  run([&]() -> awaitable<void> {
    co_await beat(1'700'000'000'000);
    for (int i = 0; i < 200; ++i) co_await made("r" + std::to_string(i), ada, bob);
    MatchHistory other(env(), redis(), postgres_, "all");
    std::optional<MatchHistory::Step> theirs;
    bool done = false;
    while (!done) {
      theirs.reset();
      test::start(io(), other.step(16), theirs);
      const MatchHistory::Step ours = co_await history_.step(16);
      const std::function<bool()> ready = [&theirs] {
        return theirs.has_value();
      };
      const bool both = co_await test::becomes(ready, Millis(8000));
      EXPECT_TRUE(both);
      EXPECT_FALSE(ours.overtaken && theirs->overtaken);
      done = !both || (ours.read == 0 && theirs->read == 0);
    }
    EXPECT_EQ(count(), "200");
  });
}

TEST_F(MatchHistoryTest, SaysWhatWasTrimmedBeforeItWasRead) {
  const UserId ada = person();
  const UserId bob = person();
  std::string log;
  run([&]() -> awaitable<void> {
    co_await beat(1'700'000'000'000);
    co_await made("r1", ada, bob);
    co_await history_.step(100);
    sequence_ += 5;
    co_await made("r2", ada, bob);
    const MatchHistory::Step step = co_await history_.step(100);
    EXPECT_EQ(step.lost, 5U);
    EXPECT_EQ(count(), "2");

    epoch_ = 2;
    sequence_ = 0;
    co_await made("r3", ada, bob);
    const MatchHistory::Step next = co_await history_.step(100);
    EXPECT_EQ(next.lost, 0U) << "a new epoch is no gap";
  });
}

TEST_F(MatchHistoryTest, BeginsAnewWithALogThatDoes) {
  const UserId ada = person();
  const UserId bob = person();
  run([&]() -> awaitable<void> {
    epoch_ = 3;
    co_await beat(1'700'000'000'000);
    co_await made("r1", ada, bob);
    co_await history_.step(100);
    const redis::Command wipe("FLUSHALL");
    co_await redis().exec(wipe);
    const MatchHistory::Step nothing = co_await history_.step(100);
    EXPECT_EQ(nothing.read, 0U);

    epoch_ = 1;
    sequence_ = 0;
    co_await beat(1'700'000'100'000);
    co_await made("r2", ada, bob);
    const MatchHistory::Step step = co_await history_.step(100);
    EXPECT_EQ(step.made, 1U);
    EXPECT_EQ(count(), "2");
  });
}

TEST_F(MatchHistoryTest, KnowsAMatchWhoseClaimWasLostInAFailOver) {
  const UserId ada = person();
  const UserId bob = person();
  run([&]() -> awaitable<void> {
    co_await beat(1'700'000'000'000);
    for (const auto& [user, peer] : {std::pair(ada, bob), std::pair(bob, ada)}) {
      match::LogEvent event =
          match::event::Seated{user, RoomId{"r1"}, peer, match::LogId{1, 7}, {"chess", "go"}};
      co_await tell(std::move(event));
    }
    co_await history_.step(100);
    EXPECT_EQ(count(), "1");
    EXPECT_NE(rows().find(ada.text()), std::string::npos) << rows();
    EXPECT_NE(rows().find(bob.text()), std::string::npos) << rows();
  });
}

TEST_F(MatchHistoryTest, KeepsAMatchWithoutThoseWhoAreGone) {
  const UserId ada = person();
  const UserId bob = person();
  run([&]() -> awaitable<void> {
    co_await beat(1'700'000'000'000);
    const UserId nobody{77};
    co_await made("r1", ada, nobody);
    co_await made("r2", ada, bob);
    co_await history_.step(100);
    database_.execute("delete from users where id = " + bob.text());
    EXPECT_EQ(rows(), "r1 " + ada.text() + " - chess,go 1700000000000.000000\nr2 " + ada.text() +
                          " - chess,go 1700000000000.000000");
  });
}

}  // namespace
}  // namespace seendr::app
