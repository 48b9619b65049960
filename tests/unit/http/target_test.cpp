#include "http/target.hpp"

#include <gtest/gtest.h>

namespace seendr::http {
namespace {

using Segments = std::vector<std::string>;

Target target_of(std::string_view text) {
  const std::optional<Target> target = parse_target(text);
  EXPECT_TRUE(target) << text;
  return target.value_or(Target());
}

TEST(Target, TakesPathAndQueryApartAndDecodesThem) {
  const Target target = target_of("/a%20b/c+d?x=1%2B2&name=Ada+L&flag&=v");

  EXPECT_EQ(target.path, "/a b/c+d");
  EXPECT_EQ(target.segments, (Segments{"a b", "c+d"}));
  EXPECT_EQ(target.query, (Pairs{{"x", "1+2"}, {"name", "Ada L"}, {"flag", ""}, {"", "v"}}));
  EXPECT_EQ(target.origin, "/a%20b/c+d?x=1%2B2&name=Ada+L&flag&=v");
}

TEST(Target, ReadsAnEncodedSlashAsAPartOfItsSegment) {
  EXPECT_EQ(target_of("/a%2Fb").segments, Segments{"a/b"});
}

TEST(Target, KeepsATrailingSlashInThePathOnly) {
  EXPECT_EQ(target_of("/a/").path, "/a/");
  EXPECT_EQ(target_of("/a/").segments, Segments{"a"});
  EXPECT_EQ(target_of("/").path, "/");
  EXPECT_TRUE(target_of("/").segments.empty());
}

TEST(Target, TakesTheAbsoluteFormApart) {
  const Target target = target_of("http://example.org:8080/a?b=c");
  EXPECT_EQ(target.authority, "example.org:8080");
  EXPECT_EQ(target.origin, "/a?b=c");
  EXPECT_EQ(target_of("https://example.org").path, "/");
  EXPECT_EQ(target_of("https://example.org?x=1").origin, "/?x=1");
}

TEST(Target, ReadsTheAsteriskForm) {
  EXPECT_EQ(target_of("*").path, "*");
}

TEST(Target, RefusesWhatIsMalformedOrClimbs) {
  for (const std::string_view text : {"",        "a",         "?x=1",
                                      "//a",     "/a//b",     "/.",
                                      "/a/..",   "/%2e%2e/a", "/%2E",
                                      "/%",      "/%4",       "/%zz",
                                      "/%00",    "/%ff",      "/?a=%",
                                      "/?%zz=1", "/?a=%00",   "/?a=%c0%af",
                                      "http://", "http:///a", "ftp://example.org/"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

TEST(Target, LeavesAPlusAloneOutsideOfQueries) {
  EXPECT_EQ(percent_decode("a+b%41", false), "a+bA");
  EXPECT_EQ(percent_decode("a+b%41", true), "a bA");
  EXPECT_EQ(percent_decode("%E2%82%AC", false), "\xE2\x82\xAC");
}

}  // namespace
}  // namespace seendr::http
