#include "cache/memoize.hpp"

#include <set>

#include <gtest/gtest.h>

namespace seendr::cache {
namespace {

enum class Color : std::uint8_t { red = 1, green = 2 };

TEST(KeyPart, IsReadableForWhatIsUsual) {
  EXPECT_EQ(key_part(42), "42");
  EXPECT_EQ(key_part(-1), "-1");
  EXPECT_EQ(key_part(true), "1");
  EXPECT_EQ(key_part(Color::green), "2");
  EXPECT_EQ(key_part(UserId{17}), "17");
  EXPECT_EQ(key_part("faq-1.en_GB"), "faq-1.en_GB");
}

TEST(KeyPart, TellsEveryTwoValuesApart) {
  const std::set<std::string> texts = {key_part(""), key_part("a:b"), key_part("a,b"),
                                       key_part("a%3Ab"), key_part("\xc3\xa9")};
  EXPECT_EQ(texts.size(), 5U);
  EXPECT_EQ(key_part("a:b"), "a%3Ab");

  using Maybe = std::optional<std::string>;
  EXPECT_NE(key_part(Maybe()), key_part(Maybe("")));
  EXPECT_NE(key_part(Maybe()), key_part(Maybe("-")));

  using List = std::vector<std::string>;
  const std::set<std::string> lists = {key_part(List()), key_part(List{""}), key_part(List{"", ""}),
                                       key_part(List{"a", "b"}), key_part(List{"a,b"})};
  EXPECT_EQ(lists.size(), 5U);
  using Lists = std::vector<List>;
  EXPECT_NE(key_part(Lists{{"a"}, {"b"}}), key_part(Lists{{"a", "b"}}));
}

TEST(MemoKey, JoinsTheParts) {
  EXPECT_EQ(memo_key("profile", {"17", "en"}), "profile:17:en");
  EXPECT_EQ(memo_key("all", {}), "all");
}

TEST(MemoKey, StaysShortAndDistinct) {
  const std::string a = memo_key("f", {std::string(300, 'a')});
  const std::string b = memo_key("f", {std::string(300, 'b')});

  EXPECT_LT(a.size(), 80U);
  EXPECT_TRUE(a.starts_with("f:sha256."));
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace seendr::cache
