#include "cache/keys.hpp"

#include <gtest/gtest.h>

namespace seendr::cache {
namespace {

TEST(Keys, AreDjangosForValues) {
  EXPECT_EQ(Keys("", 1).value("key"), ":1:key");
  EXPECT_EQ(Keys("seendr", 1).value("key"), "seendr:1:key");
  EXPECT_EQ(Keys("seendr", 1).value(Key("a:b", 3)), "seendr:3:a:b");
}

TEST(Keys, GiveTheNameBackEvenWhenThePrefixHoldsAColon) {
  const Keys keys("a:b", 12);

  EXPECT_EQ(keys.name(keys.value("c:d"), 12), "c:d");
}

TEST(Keys, KnowTheValueThatAMetaKeyBelongsTo) {
  const Keys keys("p", 1);
  const std::string value = keys.value("k");

  EXPECT_EQ(Keys::value_of(keys.meta(value)), value);
  EXPECT_EQ(Keys::value_of(value), value);
  EXPECT_EQ(Keys::value_of(keys.tag("t")), keys.tag("t"));
}

TEST(Keys, DoNotLetThePrefixMatchOthers) {
  EXPECT_EQ(Keys("a*[b]?\\", 1).pattern("user:*", 2), "a\\*\\[b\\]\\?\\\\:2:user:*");
}

}  // namespace
}  // namespace seendr::cache
