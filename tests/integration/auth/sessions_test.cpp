#include "auth/sessions.hpp"

#include <gtest/gtest.h>

#include "auth/keys.hpp"
#include "auth/tickets.hpp"
#include "codec/text.hpp"
#include "support/people.hpp"
#include "support/redis_test.hpp"

namespace seendr::auth {
namespace {

class SessionsTest : public test::RedisTest {};

TEST_F(SessionsTest, ASessionIsFoundByItsIdUntilItEnds) {
  run([this]() -> awaitable<void> {
    Sessions sessions(env(), redis(), SessionOptions{});
    const SessionId id = co_await sessions.create(kAda);

    const std::optional<Session> found = co_await sessions.resume(id);
    EXPECT_TRUE(found.has_value());
    if (!found) co_return;
    EXPECT_EQ(found->user, kAda);
    EXPECT_EQ(found->hash, session_hash(id));

    co_await sessions.end(*found);
    const std::optional<Session> after = co_await sessions.resume(id);
    EXPECT_FALSE(after.has_value());
  });
}

TEST_F(SessionsTest, RedisHoldsTheHashOfAnIdAndNeverTheId) {
  run([this]() -> awaitable<void> {
    Sessions sessions(env(), redis(), SessionOptions{});
    const SessionId id = co_await sessions.create(kAda);

    const redis::Command keys("KEYS", "*");
    const redis::Reply all = co_await redis().exec(keys);
    for (const redis::Reply& key : all.as_array()) {
      EXPECT_EQ(key.text().find(id.text()), std::string::npos);
    }
    const redis::Command exists("EXISTS", session_key(session_hash(id)));
    const redis::Reply there = co_await redis().exec(exists);
    EXPECT_EQ(there.as_int(), 1);
  });
}

TEST_F(SessionsTest, ASessionEndsAfterItsLongestLifeHoweverOftenItIsUsed) {
  run([this]() -> awaitable<void> {
    ManualClock clock;
    const Env manual{clock, env().random, env().log, env().metrics};
    Sessions sessions(manual, redis(),
                      SessionOptions{std::chrono::hours(1), std::chrono::hours(2)});
    const SessionId id = co_await sessions.create(kAda);

    clock.advance(Millis(119 * 60'000));
    const std::optional<Session> before = co_await sessions.resume(id);
    clock.advance(Millis(2 * 60'000));
    const std::optional<Session> after = co_await sessions.resume(id);

    EXPECT_TRUE(before.has_value());
    EXPECT_FALSE(after.has_value());
  });
}

TEST_F(SessionsTest, ManyAreUsedAtOnceAndThoseThatEndedAreTold) {
  run([this]() -> awaitable<void> {
    Sessions sessions(env(), redis(), SessionOptions{std::chrono::hours(1), std::chrono::hours(9)});
    const SessionId kept = co_await sessions.create(kAda);
    const SessionId ended = co_await sessions.create(kNoor);
    const redis::Command nearly("EXPIRE", session_key(session_hash(kept)), 5);
    co_await redis().exec(nearly);
    const redis::Command remove("DEL", session_key(session_hash(ended)));
    co_await redis().exec(remove);

    std::vector<std::string> hashes{session_hash(ended), session_hash(kept), "nonsense"};
    const std::vector<bool> alive = co_await sessions.use(std::move(hashes));
    const redis::Command ask("TTL", session_key(session_hash(kept)));
    const redis::Reply left = co_await redis().exec(ask);

    EXPECT_EQ(alive, std::vector<bool>({false, true, false}));
    EXPECT_GT(left.as_int(), 3000) << "it was used";
  });
}

TEST_F(SessionsTest, UseOfManyCarriesNoneBeyondItsLongestLife) {
  run([this]() -> awaitable<void> {
    ManualClock clock;
    const Env manual{clock, env().random, env().log, env().metrics};
    Sessions sessions(manual, redis(),
                      SessionOptions{std::chrono::hours(1), std::chrono::hours(2)});
    const SessionId id = co_await sessions.create(kAda);
    const std::vector<std::string> hashes{session_hash(id)};

    clock.advance(Millis(119 * 60'000));
    const std::vector<bool> before = co_await sessions.use(hashes);
    const redis::Command ask("TTL", session_key(session_hash(id)));
    const redis::Reply left = co_await redis().exec(ask);
    clock.advance(Millis(2 * 60'000));
    const std::vector<bool> after = co_await sessions.use(hashes);

    EXPECT_EQ(before, std::vector<bool>({true}));
    EXPECT_LE(left.as_int(), 60);
    EXPECT_EQ(after, std::vector<bool>({false}));
  });
}

TEST_F(SessionsTest, UnknownAndMalformedIdsAreNobodys) {
  run([this]() -> awaitable<void> {
    Sessions sessions(env(), redis(), SessionOptions{});
    for (const std::string text : {"", "x", "../../etc", "' or 1=1 --"}) {
      const SessionId id{text};
      const std::optional<Session> found = co_await sessions.resume(id);
      EXPECT_FALSE(found.has_value()) << text;
    }
    const SessionId unknown{std::string(43, 'a')};
    const std::optional<Session> found = co_await sessions.resume(unknown);
    EXPECT_FALSE(found.has_value());
  });
}

TEST_F(SessionsTest, AllSessionsOfAPersonEndTogetherAndNobodyElses) {
  run([this]() -> awaitable<void> {
    Sessions sessions(env(), redis(), SessionOptions{});
    const SessionId first = co_await sessions.create(kAda);
    const SessionId second = co_await sessions.create(kAda);
    const SessionId other = co_await sessions.create(kNoor);

    const std::vector<std::string> ended = co_await sessions.end_all(kAda);

    EXPECT_EQ(ended.size(), 2U);
    const std::optional<Session> a = co_await sessions.resume(first);
    const std::optional<Session> b = co_await sessions.resume(second);
    const std::optional<Session> c = co_await sessions.resume(other);
    EXPECT_FALSE(a.has_value());
    EXPECT_FALSE(b.has_value());
    EXPECT_TRUE(c.has_value());
  });
}

TEST_F(SessionsTest, ATicketIsGoodOnce) {
  run([this]() -> awaitable<void> {
    Sessions sessions(env(), redis(), SessionOptions{});
    Tickets tickets(env(), redis(), std::chrono::seconds(30));
    const SessionId id = co_await sessions.create(kAda);
    const std::optional<Session> session = co_await sessions.resume(id);
    const TicketId ticket = co_await tickets.issue(*session);

    const std::optional<Session> first = co_await tickets.redeem(ticket);
    const std::optional<Session> second = co_await tickets.redeem(ticket);
    const TicketId made_up{"nonsense"};
    const std::optional<Session> third = co_await tickets.redeem(made_up);

    EXPECT_TRUE(first.has_value());
    if (first) {
      EXPECT_EQ(first->user, kAda);
      EXPECT_EQ(first->hash, session->hash);
    }
    EXPECT_FALSE(second.has_value());
    EXPECT_FALSE(third.has_value());
  });
}

TEST_F(SessionsTest, ATicketOfADjangoSessionCarriesItsKeyAndRedisDoesNotShowIt) {
  run([this]() -> awaitable<void> {
    Tickets tickets(env(), redis(), std::chrono::seconds(30));
    const std::string key = "kg6nkq6jcyfqb79l0stcikw5v6iaowuh";
    const Session session{kAda, "hash", 0, "", key};
    const TicketId ticket = co_await tickets.issue(session);
    const redis::Command keys("KEYS", "*");
    const redis::Reply all = co_await redis().exec(keys);
    const redis::Command get("GET", all.as_array().at(0).text());
    const redis::Reply stored = co_await redis().exec(get);

    const std::optional<Session> found = co_await tickets.redeem(ticket);

    EXPECT_TRUE(found.has_value());
    if (found) {
      EXPECT_EQ(found->django_key, key);
    }
    EXPECT_EQ(stored.text().find(key), std::string::npos) << stored.text();
    EXPECT_EQ(stored.text().find(to_hex(bytes(key))), std::string::npos) << stored.text();
  });
}

}  // namespace
}  // namespace seendr::auth
