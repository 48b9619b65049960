#include "match/person.hpp"

#include <gtest/gtest.h>

namespace seendr::match {
namespace {

constexpr std::string_view kFull =
    "lang=en,fr;reg=eu;want=eu,na;region=prefer;mode=video;age=adult;pol=prefer;min=1;act=1";

TEST(LogIds, AreOrderedByEpochThenSequence) {
  EXPECT_LT((LogId{1, 900}), (LogId{2, 0}));
  EXPECT_LT((LogId{2, 9}), (LogId{2, 10}));
  EXPECT_EQ((LogId{2, 9}), (LogId{2, 9}));
}

TEST(LogIds, AreReadBackAsWritten) {
  const LogId id{5, 12};

  EXPECT_EQ(id.text(), "5-12");
  EXPECT_EQ(parse_log_id("5-12"), id);
  EXPECT_EQ(parse_log_id("18446744073709551615-0"), (LogId{18446744073709551615U, 0}));
}

TEST(LogIds, AreRefusedWhenMalformed) {
  for (const std::string_view text : {"", "-", "5", "5-", "-12", "5-12-1", "5-x", "+5-1", " 5-1",
                                      "5- 1", "18446744073709551616-0"}) {
    EXPECT_FALSE(parse_log_id(text)) << text;
  }
}

TEST(AttributesText, IsReadBackAsWritten) {
  const std::optional<Attributes> attributes = parse_attributes(kFull);

  ASSERT_TRUE(attributes);
  EXPECT_EQ(attributes->languages, (std::vector<std::string>{"en", "fr"}));
  EXPECT_EQ(attributes->region, "eu");
  EXPECT_EQ(attributes->wanted, (std::vector<std::string>{"eu", "na"}));
  EXPECT_TRUE(attributes->adult);
  EXPECT_TRUE(attributes->active);
  EXPECT_EQ(encode(*attributes), kFull);
}

TEST(AttributesText, KeepsEveryValueOfEveryField) {
  for (const Mode mode : {Mode::text, Mode::audio, Mode::video}) {
    for (const Policy policy : {Policy::strict, Policy::prefer, Policy::any}) {
      for (const RegionPolicy region : {RegionPolicy::prefer, RegionPolicy::strict}) {
        Attributes written;
        written.languages = {"pt-BR"};
        written.mode = mode;
        written.policy = policy;
        written.region_policy = region;
        written.min_shared = 10;

        EXPECT_EQ(parse_attributes(encode(written)), written) << encode(written);
      }
    }
  }
}

TEST(AttributesText, IgnoresKeysOfTheFuture) {
  const std::optional<Attributes> attributes = parse_attributes("lang=en;age=adult;mood=<|>;min=3");

  ASSERT_TRUE(attributes);
  EXPECT_EQ(attributes->min_shared, 3);
}

TEST(AttributesText, HasDefaultsForEverythingButLanguageAndAge) {
  Attributes expected;
  expected.languages = {"en"};

  EXPECT_EQ(parse_attributes("lang=en;age=minor"), expected);
  EXPECT_FALSE(parse_attributes("lang=en"));
  EXPECT_FALSE(parse_attributes("age=adult"));
}

TEST(AttributesText, IsRefusedWhenMalformed) {
  const std::string start = "lang=en;age=adult;";
  for (const std::string_view rest : {"mode=telepathy",
                                      "mode=",
                                      "pol=maybe",
                                      "min=-1",
                                      "min=11",
                                      "min=",
                                      "min=1x",
                                      "min= 1",
                                      "act=2",
                                      "act=true",
                                      "reg=e|u",
                                      "reg=a,b",
                                      "want=eu,",
                                      "want=,eu",
                                      "want=eu,,na",
                                      "want=abcdefghijklmnopq",
                                      "want=a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q",
                                      "region=any",
                                      "noise",
                                      "lang=fr",
                                      ";"}) {
    EXPECT_FALSE(parse_attributes(start + std::string(rest))) << rest;
  }
  EXPECT_FALSE(parse_attributes("lang=en;age=baby"));
  EXPECT_FALSE(parse_attributes("lang=e\nn;age=adult"));
  EXPECT_FALSE(parse_attributes(""));
}

TEST(AttributesText, LeavesOutWhatCouldNotBeReadBack) {
  Attributes attributes;
  attributes.languages = {"en", "f|r", "x;act=1", ""};
  attributes.region = "eu;age=adult";

  const std::optional<Attributes> back = parse_attributes(encode(attributes));

  ASSERT_TRUE(back);
  EXPECT_EQ(back->languages, (std::vector<std::string>{"en"}));
  EXPECT_EQ(back->region, "");
  EXPECT_FALSE(back->adult);
}

TEST(InterestsText, IsReadBackAsWritten) {
  const std::vector<std::uint32_t> interests{12, 5, 4294967295U};

  EXPECT_EQ(encode_interests(interests), "12,5,4294967295");
  EXPECT_EQ(parse_interests("12,5,4294967295"), interests);
  EXPECT_EQ(encode_interests({}), "");
  EXPECT_EQ(parse_interests(""), std::vector<std::uint32_t>{});
}

TEST(InterestsText, IsRefusedWhenMalformed) {
  for (const std::string_view text : {",", "1,", ",1", "1,,2", "1,1", "-1", "1.5", "x", " 1",
                                      "4294967296", "1,2,3,4,5,6,7,8,9,10,11"}) {
    EXPECT_FALSE(parse_interests(text)) << text;
  }
  EXPECT_TRUE(parse_interests("1,2,3,4,5,6,7,8,9,10"));
}

TEST(Parsers, SurviveEveryPrefixAndEveryChangedByte) {
  const std::string text(kFull);
  for (std::size_t i = 0; i < text.size(); ++i) {
    parse_attributes(std::string_view(text).substr(0, i));
    parse_interests(std::string_view(text).substr(0, i));
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[i] = static_cast<char>(byte);
      const std::optional<Attributes> read = parse_attributes(changed);
      if (read) {
        EXPECT_EQ(parse_attributes(encode(*read)), read) << changed;
      }
    }
  }
}

}  // namespace
}  // namespace seendr::match
