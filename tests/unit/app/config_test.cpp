#include "app/settings/config.hpp"

#include <gtest/gtest.h>

namespace seendr::app {
namespace {

Settings told(const Settings::Pairs& flags) {
  return Settings::load({}, "", flags);
}

std::string refusal_of_limits(const std::string& value) {
  try {
    limit_rules(told({{"limits.matching", value}}));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(LimitConfig, SaysHowOftenAndHowLongRedisIsWaitedFor) {
  const LimitRules usual = limit_rules(told({}));
  const LimitRules chosen =
      limit_rules(told({{"limits.export", "off"}, {"limits.redis_timeout_ms", "40"}}));

  EXPECT_EQ(usual.matching.calls, 10);
  EXPECT_EQ(usual.matching.window, Millis(60'000));
  EXPECT_EQ(usual.redis_timeout, Millis(250));
  EXPECT_FALSE(usual.data_export.off);
  EXPECT_TRUE(chosen.data_export.off);
  EXPECT_EQ(chosen.redis_timeout, Millis(40));
}

TEST(LimitConfig, RefusesALimitThatCannotBeCounted) {
  EXPECT_EQ(refusal_of_limits("10/60s"), "");
  EXPECT_EQ(refusal_of_limits("off"), "");
  EXPECT_NE(refusal_of_limits("10").find("limits.matching: must be"), std::string::npos);
  EXPECT_NE(refusal_of_limits("2000000/60s"), "");
}

TEST(PublicUrl, IsAnAddressThatALinkCanBeginWith) {
  EXPECT_EQ(public_url(told({})), "");
  EXPECT_EQ(public_url(told({{"server.public_url", "https://meet.example.org"}})),
            "https://meet.example.org");
  EXPECT_THROW(public_url(told({{"server.public_url", "ftp://meet.example.org"}})), ConfigError);
  EXPECT_THROW(public_url(told({{"server.public_url", "https://a b"}})), ConfigError);
}

}  // namespace
}  // namespace seendr::app
