#include <gmock/gmock.h>

#include "support/people.hpp"

#include "log_check.hpp"
#include "world.hpp"

namespace seendr::match::test {
namespace {

using ::testing::IsEmpty;

class MatchmakerCareTest : public WorldTest {
 protected:
  static Options watchful() {
    Options options = quick();
    options.beat = Millis(100);
    options.suspect = Millis(400);
    options.evict = Millis(800);
    return options;
  }
};

TEST_F(MatchmakerCareTest, PeopleOfADeadProcessAreNotOfferedAndThenEvicted) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one", watchful());
    Node* two = co_await start("two", watchful());
    const Search what = wish(kAda);
    co_await search(two, what);
    condition([one] { return one->matchmaker.presence().searching == 1; });
    co_await eventually();
    co_await kill(two);
    condition([one] { return one->matchmaker.presence().searching == 0; });
    co_await eventually();

    const LogReplay replay = co_await replay_log(one->commands);
    EXPECT_THAT(replay.people, IsEmpty());
    Search other = wish(kBob);
    other.timeout = Millis(500);
    co_await search(one, other);
    condition([one] { return one->sink.misses.size() == 1; });
    co_await eventually();
    EXPECT_THAT(one->sink.told, IsEmpty());
  });
}

TEST_F(MatchmakerCareTest, ThePartnerOfADeadProcessIsNamed) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one", watchful());
    Node* two = co_await start("two", watchful());
    co_await pair(one, kAda, two, kBob);
    co_await kill(two);
    // On a busy machine a living process can be missed, and found again, before.
    const auto& hosts = one->sink.hosts;
    const bool missed_before = one->sink.told.front().peer_silent && hosts.empty();
    condition([&] { return missed_before || (!hosts.empty() && !hosts.back().second); });
    co_await eventually();
    EXPECT_TRUE(missed_before || hosts.back().first == kAda);
  });
}

TEST_F(MatchmakerCareTest, APairWithAProcessThatFellSilentBeforeSaysSo) {
  run([this]() -> awaitable<void> {
    Options doubtful = watchful();
    doubtful.evict = Millis(60'000);
    Options mute = doubtful;
    mute.beat = Millis(60'000);  // Its first sign of life is the last.
    Node* two = co_await start("two", mute);
    Node* one = co_await start("one", doubtful);
    co_await pair(one, kAda, two, kBob);
    condition([one] { return one->sink.hosts.size() == 1; });
    co_await eventually();

    const UserId dan{14};
    const Search what = wish(kCleo);
    co_await search(two, what);
    const Search other = wish(dan);
    co_await search(one, other);  // Two, who is well, takes him.
    condition([=] { return one->sink.of(dan).size() == 1 && two->sink.of(kCleo).size() == 1; });
    co_await eventually();
    EXPECT_TRUE(one->sink.of(dan).front().peer_silent);
    EXPECT_FALSE(two->sink.of(kCleo).front().peer_silent);
    EXPECT_EQ(one->sink.hosts.size(), 1u);
  });
}

TEST_F(MatchmakerCareTest, LeasesOfTheLivingAreRenewed) {
  run([this]() -> awaitable<void> {
    Options options = watchful();
    options.lease = Millis(1500);
    options.renew = Millis(300);
    options.ack = Millis(700);
    Node* one = co_await start("one", options);
    co_await pair(one, kAda, one, kBob);
    const Search lonely = wish(UserId{13}, {});
    co_await search(one, lonely);
    const redis::Command lease("ZSCORE", shard_key("all", "lease"), "13");
    const redis::Reply first = co_await ask(one, lease);
    const redis::Command time("TIME");
    std::int64_t now_ms = 0;
    while (now_ms < std::stoll(first.text()) + 1000) {  // It would have run out long ago.
      co_await sleep_for(Millis(20));
      const redis::Reply reply = co_await ask(one, time);
      now_ms = std::stoll(reply.as_array().at(0).text()) * 1000;
    }
    EXPECT_THAT(one->sink.ends, IsEmpty());
    EXPECT_EQ(one->matchmaker.presence().searching, 1u);
    EXPECT_EQ(one->matchmaker.presence().in_rooms, 2u);
  });
}

TEST_F(MatchmakerCareTest, ARoomWhoseHostsAreBothDeadExpires) {
  run([this]() -> awaitable<void> {
    Options options = watchful();
    options.lease = Millis(600);
    options.ack = Millis(600);
    options.renew = Millis(200);
    Node* one = co_await start("one", options);
    Node* two = co_await start("two", options);
    co_await pair(two, kAda, two, kBob);
    condition([one] { return one->matchmaker.presence().in_rooms == 2; });
    co_await eventually();
    co_await kill(two);
    condition([one] { return one->matchmaker.presence().in_rooms == 0; });
    co_await eventually();

    const std::vector<std::string> faults = co_await check_log(one->commands);
    EXPECT_THAT(faults, IsEmpty());
  });
}

TEST_F(MatchmakerCareTest, WhoeverWasEvictedByMistakeJoinsAgainWithTheOldPlace) {
  run([this]() -> awaitable<void> {
    Node* one = co_await start("one", watchful());
    Search what = wish(kAda);
    co_await search(one, what);
    const redis::Command get("HGET", shard_key("all", "people"), "11");
    const redis::Reply before = co_await ask(one, get);
    const Record first = parse_record(kAda, before.text()).value();

    Pool pool(one->commands, one->server, {});
    const std::vector<std::pair<UserId, LogId>> tickets(1, {kAda, first.ticket->version});
    co_await pool.evict("instance_dead", tickets);
    std::optional<Record> again;
    while (!again || again->ticket->version == first.ticket->version) {
      const redis::Reply reply = co_await ask(one, get);
      if (!reply.is_nil()) again = parse_record(kAda, reply.text());
    }
    EXPECT_EQ(again->ticket->t0_ms, first.ticket->t0_ms);
  });
}

}  // namespace
}  // namespace seendr::match::test
