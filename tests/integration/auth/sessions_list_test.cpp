// Listing and ending a person's sessions, and when they end by themselves.
#include <algorithm>

#include <gtest/gtest.h>

#include "auth/keys.hpp"
#include "auth/sessions.hpp"
#include "support/people.hpp"
#include "support/redis_test.hpp"

namespace seendr::auth {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class SessionsListTest : public test::RedisTest {
 protected:
  Env manual() { return Env{clock_, env().random, env().log, env().metrics}; }

  awaitable<std::int64_t> ttl_ms(SessionId id) {
    const redis::Command ask("PTTL", session_key(session_hash(id)));
    const redis::Reply reply = co_await redis().exec(ask);
    co_return reply.as_int();
  }

  ManualClock clock_;
};

TEST_F(SessionsListTest, APersonSeesTheirSessionsTheNewestFirstAndNobodyElses) {
  run([this]() -> awaitable<void> {
    Sessions sessions(manual(), redis(), SessionOptions{hours(1), hours(24)});
    const SessionId first = co_await sessions.create(kAda, "Firefox on Linux");
    clock_.advance(Millis(1000));
    const SessionId second = co_await sessions.create(kAda);
    co_await sessions.create(kNoor);

    const std::vector<ListedSession> listed = co_await sessions.list(kAda);

    EXPECT_EQ(listed.size(), 2U);
    if (listed.size() != 2) co_return;
    EXPECT_EQ(listed[0].session.hash, session_hash(second));
    EXPECT_EQ(listed[0].session.label, "");
    EXPECT_EQ(listed[1].session.hash, session_hash(first));
    EXPECT_EQ(listed[1].session.label, "Firefox on Linux");
    EXPECT_EQ(listed[1].session.created_ms + 1000, listed[0].session.created_ms);
    const std::int64_t left = listed[0].expires_ms - clock_.wall_ms();
    EXPECT_GT(left, 3'590'000);
    EXPECT_LE(left, 3'600'000);
  });
}

TEST_F(SessionsListTest, WhatHasEndedIsNotListed) {
  run([this]() -> awaitable<void> {
    Sessions sessions(manual(), redis(), SessionOptions{hours(10), hours(24)});
    const SessionId idle = co_await sessions.create(kAda);
    const redis::Command expire("DEL", session_key(session_hash(idle)));
    co_await redis().exec(expire);
    co_await sessions.create(kAda);
    clock_.advance(Millis(hours(24)));  // Redis still has it: only our clock went on.
    const SessionId fresh = co_await sessions.create(kAda);

    const std::vector<ListedSession> listed = co_await sessions.list(kAda);

    EXPECT_EQ(listed.size(), 1U);
    if (listed.empty()) co_return;
    EXPECT_EQ(listed[0].session.hash, session_hash(fresh));
    const redis::Command count("ZCARD", user_sessions_key(kAda));
    const redis::Reply indexed = co_await redis().exec(count);
    EXPECT_EQ(indexed.as_int(), 1);  // Signing in forgets hashes that are past their end.
  });
}

TEST_F(SessionsListTest, ALabelIsCutToTwoHundredCharacters) {
  run([this]() -> awaitable<void> {
    Sessions sessions(env(), redis(), SessionOptions{});
    std::string label;
    for (int i = 0; i < 300; ++i) label += "é";
    co_await sessions.create(kAda, label);

    const std::vector<ListedSession> listed = co_await sessions.list(kAda);

    EXPECT_EQ(listed.size(), 1U);
    if (listed.empty()) co_return;
    EXPECT_EQ(listed[0].session.label, label.substr(0, 400));
  });
}

TEST_F(SessionsListTest, APersonEndsOneOfTheirSessionsAndCannotEndAnothers) {
  run([this]() -> awaitable<void> {
    Sessions sessions(env(), redis(), SessionOptions{});
    const SessionId kept = co_await sessions.create(kAda);
    const SessionId ended = co_await sessions.create(kAda);
    const SessionId other = co_await sessions.create(kNoor);

    const bool mine = co_await sessions.revoke(kAda, session_hash(ended));
    const bool twice = co_await sessions.revoke(kAda, session_hash(ended));
    const bool foreign = co_await sessions.revoke(kAda, session_hash(other));
    const bool nonsense = co_await sessions.revoke(kAda, "no such hash");

    EXPECT_TRUE(mine);
    EXPECT_FALSE(twice);
    EXPECT_FALSE(foreign);
    EXPECT_FALSE(nonsense);
    const bool kept_lives = co_await sessions.alive(session_hash(kept));
    const bool ended_lives = co_await sessions.alive(session_hash(ended));
    const bool other_lives = co_await sessions.alive(session_hash(other));
    EXPECT_TRUE(kept_lives);
    EXPECT_FALSE(ended_lives);
    EXPECT_TRUE(other_lives);
  });
}

TEST_F(SessionsListTest, SigningOutEverywhereEndsHoweverManyThereAre) {
  run([this]() -> awaitable<void> {
    Sessions sessions(env(), redis(), SessionOptions{});
    const std::vector<UserId> often(1200, kAda);
    const std::vector<SessionId> ids = co_await sessions.create_many(often);
    const SessionId other = co_await sessions.create(kNoor);

    const std::vector<std::string> ended = co_await sessions.end_all(kAda);

    EXPECT_EQ(ended.size(), ids.size());
    const redis::Command size("DBSIZE");
    const redis::Reply keys = co_await redis().exec(size);
    EXPECT_EQ(keys.as_int(), 2);  // The other person's session and index.
    const bool other_lives = co_await sessions.alive(session_hash(other));
    EXPECT_TRUE(other_lives);
  });
}

TEST_F(SessionsListTest, UseKeepsASessionFromIdlingButNeverPastItsAbsoluteEnd) {
  run([this]() -> awaitable<void> {
    Sessions sessions(manual(), redis(), SessionOptions{hours(1), hours(2)});
    const SessionId id = co_await sessions.create(kAda);

    co_await sessions.resume(id);
    const std::int64_t early = co_await ttl_ms(id);
    clock_.advance(Millis(90 * 60'000));
    co_await sessions.resume(id);
    const std::int64_t late = co_await ttl_ms(id);
    clock_.advance(Millis(31 * 60'000));
    const bool lives = co_await sessions.alive(session_hash(id));

    EXPECT_GT(early, 59 * 60'000);
    EXPECT_GT(late, 29 * 60'000);
    EXPECT_LE(late, 30 * 60'000);
    EXPECT_FALSE(lives);  // Though Redis has not dropped it yet.
  });
}

TEST_F(SessionsListTest, ASessionThatIsNotUsedEnds) {
  run([this]() -> awaitable<void> {
    Sessions sessions(env(), redis(), SessionOptions{seconds(1), hours(1)});
    const SessionId id = co_await sessions.create(kAda);
    bool lives = true;
    for (int i = 0; i < 500 && lives; ++i) {
      lives = co_await sessions.alive(session_hash(id));
      co_await sleep_for(Millis(10));
    }

    const std::optional<Session> found = co_await sessions.resume(id);
    const std::vector<ListedSession> listed = co_await sessions.list(kAda);

    EXPECT_FALSE(found.has_value());
    EXPECT_TRUE(listed.empty());
  });
}

}  // namespace
}  // namespace seendr::auth
