#include "postgres/url.hpp"

#include <gtest/gtest.h>

namespace seendr::postgres {
namespace {

TEST(ConnectionUrl, GainsTheParametersItDoesNotName) {
  EXPECT_EQ(with_defaults("postgresql://h/d", {{"a", "1"}, {"b", "x y"}}),
            "postgresql://h/d?a=1&b=x%20y");
  EXPECT_EQ(with_defaults("postgres://h/d?a=2", {{"a", "1"}, {"b", "3"}}),
            "postgres://h/d?a=2&b=3");
}

TEST(ConnectionUrl, IsAUriThatLibpqTakes) {
  for (const char* good : {"postgresql://", "postgres://u:p%40w@h:1,[::1]:2/d?sslmode=require",
                           "postgresql:///d?host=/run/x&user=u"}) {
    EXPECT_TRUE(is_uri(good)) << good;
  }
  for (const char* bad :
       {"", "host=h password=x", "postgresql+psycopg2://u:pw@h/d", "mysql://h/d",
        "postgresql://u:p%zz@h/d", "postgresql://[::1]x/d", "postgresql://h/d?no_such_key=1"}) {
    EXPECT_FALSE(is_uri(bad)) << bad;
  }
}

TEST(ConnectionUrl, OfASocketEscapesItsFolder) {
  EXPECT_EQ(socket_url("/tmp/a b&c", "seendr", "seendr"),
            "postgresql:///seendr?host=%2Ftmp%2Fa%20b%26c&user=seendr");
}

}  // namespace
}  // namespace seendr::postgres
