#include "auth/django_sessions.hpp"

#include <gtest/gtest.h>

#include "auth/django_login.hpp"
#include "auth/keys.hpp"
#include "codec/text.hpp"
#include "support/redis_test.hpp"

namespace seendr::auth {
namespace {

using std::chrono::seconds;

const std::string kKey = "kg6nkq6jcyfqb79l0stcikw5v6iaowuh";
const std::string kRedisKey = "site:1:django.contrib.sessions.cache" + kKey;

class DjangoSessionsTest : public test::RedisTest {
 protected:
  DjangoSessions sessions(seconds age = seconds(1'209'600)) {
    DjangoSessionOptions options;
    options.key_prefix = "site";
    options.age = age;
    return DjangoSessions(env(), redis(), options);
  }

  awaitable<std::optional<json::object>> read_bytes(std::string stored) {
    const redis::Command set("SET", kRedisKey, stored);
    co_await redis().exec(set);
    DjangoSessions store = sessions();
    co_return co_await store.read(kKey);
  }

  awaitable<std::int64_t> ttl_ms(std::string key) {
    const redis::Command ask("PTTL", django_session_key("site", 1, key));
    const redis::Reply reply = co_await redis().exec(ask);
    co_return reply.as_int();
  }
};

TEST_F(DjangoSessionsTest, ReadsWhatDjangoStored) {
  run([this]() -> awaitable<void> {
    const auto plain = co_await read_bytes(R"({"foo": "bar"})");
    // {"a": 1, "b": [1, 2, "x"]}, compressed by django-redis.
    const auto packed = co_await read_bytes(
        *from_hex("789cab564a54b25230d451504a02d2d1408611905da1145b0b004d1205e4"));

    EXPECT_EQ(plain, (json::object{{"foo", "bar"}}));
    EXPECT_EQ(packed, (json::object{{"a", 1}, {"b", {1, 2, "x"}}}));
  });
}

TEST_F(DjangoSessionsTest, WhatIsNotASessionIsNone) {
  run([this]() -> awaitable<void> {
    DjangoSessions store = sessions();
    const auto absent = co_await store.read(kKey);
    EXPECT_FALSE(absent);
    const std::vector<std::string> stored{
        "7", "[1]", "null", "no json", "", *from_hex("80049505000000000000007d942e")};  // Pickled.
    for (const std::string& bytes : stored) {
      const auto read = co_await read_bytes(bytes);
      EXPECT_FALSE(read) << bytes;
    }
    const redis::Command set("SET", "site:1:django.contrib.sessions.cache../x", "{}");
    co_await redis().exec(set);
    const auto odd = co_await store.read("../x");
    EXPECT_FALSE(odd);
  });
}

TEST_F(DjangoSessionsTest, StoresANewSessionAsDjangoDoes) {
  run([this]() -> awaitable<void> {
    DjangoSessions store = sessions();
    const json::object data{{"_auth_user_id", "1"}, {"text", "é"}};

    const std::string key = co_await store.create(data);

    EXPECT_TRUE(is_django_key(key));
    const auto read = co_await store.read(key);
    EXPECT_EQ(read, data);
    const redis::Command get("GET", django_session_key("site", 1, key));
    const redis::Reply stored = co_await redis().exec(get);
    EXPECT_TRUE(stored.text().starts_with("\x78\x9c"));  // zlib at its default level.
    const std::int64_t ttl = co_await ttl_ms(key);
    EXPECT_GT(ttl, 1'209'590'000);
    EXPECT_LE(ttl, 1'209'600'000);
  });
}

TEST_F(DjangoSessionsTest, ASessionsOwnExpiryCounts) {
  run([this]() -> awaitable<void> {
    DjangoSessions store = sessions(seconds(100));
    const json::object in_seconds{{"_session_expiry", 1000}};
    const json::object with_browser{{"_session_expiry", 0}};
    const std::string timed = co_await store.create(in_seconds);
    const std::string browser = co_await store.create(with_browser);

    const std::int64_t own = co_await ttl_ms(timed);
    const std::int64_t fallback = co_await ttl_ms(browser);

    EXPECT_GT(own, 990'000);
    EXPECT_LE(own, 1'000'000);
    EXPECT_GT(fallback, 90'000);
    EXPECT_LE(fallback, 100'000);
  });
}

TEST_F(DjangoSessionsTest, SavingReplacesASessionButDoesNotBringOneBack) {
  run([this]() -> awaitable<void> {
    DjangoSessions store = sessions();
    const json::object before{{"n", 1}};
    const json::object after{{"n", 2}};
    const std::string key = co_await store.create(before);

    const bool saved = co_await store.save(key, after);
    const auto read = co_await store.read(key);
    const bool ended = co_await store.end(key);
    const bool twice = co_await store.end(key);
    const bool late = co_await store.save(key, after);
    const auto gone = co_await store.read(key);

    EXPECT_TRUE(saved);
    EXPECT_EQ(read, after);
    EXPECT_TRUE(ended);
    EXPECT_FALSE(twice);
    EXPECT_FALSE(late);
    EXPECT_FALSE(gone);
  });
}

TEST_F(DjangoSessionsTest, SavingKeepsTheLifeOfASessionThatEndsAtADate) {
  run([this]() -> awaitable<void> {
    DjangoSessions store = sessions();
    const std::string key = co_await store.create(json::object());
    const redis::Command shorten("PEXPIRE", django_session_key("site", 1, key), 50'000);
    co_await redis().exec(shorten);
    const json::object data{{"_session_expiry", "2030-01-01T00:00:00+00:00"}};

    const bool saved = co_await store.save(key, data);
    const std::int64_t ttl = co_await ttl_ms(key);

    EXPECT_TRUE(saved);
    EXPECT_LE(ttl, 50'000);
  });
}

}  // namespace
}  // namespace seendr::auth
