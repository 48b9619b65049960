#include "redis/url.hpp"

#include <gtest/gtest.h>

#include "redis/error.hpp"

namespace seendr::redis {
namespace {

TEST(RedisUrl, HasDefaults) {
  const Url url = parse_url("redis://").value();

  EXPECT_EQ(url.scheme, Scheme::tcp);
  EXPECT_EQ(url.host, "127.0.0.1");
  EXPECT_EQ(url.port, 6379);
  EXPECT_EQ(url.db, 0);
  EXPECT_EQ(url.user, "");
  EXPECT_EQ(url.password, "");
}

TEST(RedisUrl, TakesEveryPart) {
  const Url url = parse_url("redis://ada:s%40cret@redis.example:7000/3").value();

  EXPECT_EQ(url.host, "redis.example");
  EXPECT_EQ(url.port, 7000);
  EXPECT_EQ(url.user, "ada");
  EXPECT_EQ(url.password, "s@cret");
  EXPECT_EQ(url.db, 3);
}

TEST(RedisUrl, TakesAPasswordWithoutAUser) {
  const Url url = parse_url("rediss://:secret@h").value();

  EXPECT_EQ(url.scheme, Scheme::tls);
  EXPECT_EQ(url.user, "");
  EXPECT_EQ(url.password, "secret");
}

TEST(RedisUrl, TakesIpv6) {
  const Url url = parse_url("redis://[::1]:7001").value();

  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.port, 7001);
}

TEST(RedisUrl, TakesAUnixSocket) {
  const Url url = parse_url("unix:///run/my%20redis.sock?db=2&user=ada&password=x%26y").value();

  EXPECT_EQ(url.scheme, Scheme::unix_socket);
  EXPECT_EQ(url.path, "/run/my redis.sock");
  EXPECT_EQ(url.db, 2);
  EXPECT_EQ(url.user, "ada");
  EXPECT_EQ(url.password, "x&y");
  EXPECT_EQ(parse_url("unix://:pw@/run/r.sock").value().password, "pw");
}

TEST(RedisUrl, TakesTheDatabaseFromTheQuery) {
  EXPECT_EQ(parse_url("redis://h?db=5").value().db, 5);
}

class BadRedisUrl : public testing::TestWithParam<const char*> {};

TEST_P(BadRedisUrl, IsRefused) {
  const result<Url> url = parse_url(GetParam());

  ASSERT_FALSE(url.has_value());
  EXPECT_EQ(url.error(), Errc::bad_url);
}

INSTANTIATE_TEST_SUITE_P(Examples, BadRedisUrl,
                         testing::Values("", "localhost:6379", "http://h", "redis:h", "redis://h:0",
                                         "redis://h:70000", "redis://h:x", "redis://h/abc",
                                         "redis://h/-1", "redis://h/1/2", "redis://h?what=1",
                                         "redis://h?db=x", "unix://", "unix:///",
                                         "unix://host/run/r.sock", "redis://h#part",
                                         "redis://a b"));

TEST(RedisUrl, IsMaskedForLogs) {
  const auto again = [](std::string_view text) {
    return masked(parse_url(text).value());
  };

  EXPECT_EQ(again("redis://ada:secret@h:7000/3"), "redis://ada:***@h:7000/3");
  EXPECT_EQ(again("rediss://:secret@h"), "rediss://:***@h:6379");
  EXPECT_EQ(again("redis://[::1]"), "redis://[::1]:6379");
  EXPECT_EQ(again("unix:///run/r.sock?db=2&password=secret"), "unix://:***@/run/r.sock?db=2");
}

}  // namespace
}  // namespace seendr::redis
