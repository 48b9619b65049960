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

TEST(ConnectionUrl, MayBeAListOfKeysAndValues) {
  EXPECT_EQ(with_defaults("host=h dbname=d", {{"a", "1"}}), "host=h dbname=d a=1");
}

TEST(ConnectionUrl, OfASocketEscapesItsFolder) {
  EXPECT_EQ(socket_url("/tmp/a b&c", "seendr", "seendr"),
            "postgresql:///seendr?host=%2Ftmp%2Fa%20b%26c&user=seendr");
}

}  // namespace
}  // namespace seendr::postgres
