#include "http/ascii.hpp"

#include <gtest/gtest.h>

namespace seendr::http {
namespace {

using Words = std::vector<std::string_view>;

TEST(Ascii, ComparesWordsInAnyCaseAndNothingElse) {
  EXPECT_TRUE(same_word("Keep-Alive", "kEEP-aLIVE"));
  EXPECT_FALSE(same_word("close", "closed"));
  EXPECT_FALSE(same_word("@", "`"));  // 32 apart like letters, but none.
  EXPECT_FALSE(same_word("[", "{"));
}

TEST(Ascii, TrimsBlanksAndTabsOnly) {
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim("\na"), "\na");
}

TEST(Ascii, SplitsAListAndLeavesEmptyItemsOut) {
  EXPECT_EQ(split_list("a, b ,,c,", ','), (Words{"a", "b", "c"}));
  EXPECT_EQ(split_list(" , ", ','), Words{});
  EXPECT_EQ(split_list("", ','), Words{});
}

TEST(Ascii, FindsAWholeItemOfAList) {
  EXPECT_TRUE(list_has("keep-alive, Upgrade", "upgrade"));
  EXPECT_FALSE(list_has("keep-alive, upgraded", "upgrade"));
}

TEST(Ascii, ComparesEntityTagsWeakly) {
  EXPECT_TRUE(matches_etag("\"a\"", "\"a\""));
  EXPECT_TRUE(matches_etag("\"b\", W/\"a\"", "\"a\""));
  EXPECT_TRUE(matches_etag("\"a\"", "W/\"a\""));
  EXPECT_TRUE(matches_etag("*", "\"a\""));
  EXPECT_FALSE(matches_etag("\"b\"", "\"a\""));
  EXPECT_FALSE(matches_etag("a", "\"a\""));
  EXPECT_FALSE(matches_etag("", "\"a\""));
}

}  // namespace
}  // namespace seendr::http
