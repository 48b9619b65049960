#include "runtime/zone_rule.hpp"

#include <gtest/gtest.h>

namespace seendr {
namespace {

constexpr std::int64_t kHour = 3600;

std::int64_t offset(std::string_view rule, std::int64_t unix_s) {
  const std::optional<ZoneRule> parsed = ZoneRule::parse(rule);
  EXPECT_TRUE(parsed.has_value()) << rule;
  return parsed ? parsed->offset_s(unix_s) : -1;
}

TEST(ZoneRule, KnowsZonesWithoutSummerTime) {
  EXPECT_EQ(offset("UTC0", 0), 0);
  EXPECT_EQ(offset("IST-5:30", 0), 5 * kHour + 1800);
  EXPECT_EQ(offset("<-03>3", 0), -3 * kHour);
  EXPECT_EQ(offset("<+0545>-5:45", 0), 5 * kHour + 2700);
}

TEST(ZoneRule, ChangesAtTheLastSundaysOfMarchAndOctober) {
  const std::string_view paris = "CET-1CEST,M3.5.0,M10.5.0/3";
  const std::int64_t spring = 1'774'746'000;  // 2026-03-29T01:00Z
  const std::int64_t autumn = 1'792'890'000;  // 2026-10-25T01:00Z

  EXPECT_EQ(offset(paris, spring - 1), kHour);
  EXPECT_EQ(offset(paris, spring), 2 * kHour);
  EXPECT_EQ(offset(paris, autumn - 1), 2 * kHour);
  EXPECT_EQ(offset(paris, autumn), kHour);
}

TEST(ZoneRule, KnowsSummersAcrossTheNewYear) {
  const std::string_view sydney = "AEST-10AEDT,M10.1.0,M4.1.0/3";

  EXPECT_EQ(offset(sydney, 1'767'225'600), 11 * kHour);  // 2026-01-01
  EXPECT_EQ(offset(sydney, 1'782'864'000), 10 * kHour);  // 2026-07-01
  EXPECT_EQ(offset(sydney, 1'798'675'200), 11 * kHour);  // 2026-12-31
}

TEST(ZoneRule, KnowsSummersThatTheLawCallsStandard) {
  const std::string_view dublin = "IST-1GMT0,M10.5.0,M3.5.0/1";

  EXPECT_EQ(offset(dublin, 1'767'225'600), 0);
  EXPECT_EQ(offset(dublin, 1'782'864'000), kHour);
}

TEST(ZoneRule, CountsDaysOfTheYearWithAndWithoutTheLeapDay) {
  // 1 March is day 60 either way round in a leap year: J60, or 60 counted from 0.
  const std::int64_t march = 1'835'481'600;  // 2028-03-01T00:00Z
  for (const std::string_view rule : {"AAA0BBB,J60/0,J300/0", "AAA0BBB,60/0,300/0"}) {
    EXPECT_EQ(offset(rule, march - 1), 0) << rule;
    EXPECT_EQ(offset(rule, march), kHour) << rule;
  }
}

TEST(ZoneRule, TakesHoursBeyondTheDay) {
  // An hour before the day of the last Sunday in March, as in Greenland.
  const std::string_view rule = "<-02>2<-01>,M3.5.0/-1,M10.5.0/0";
  const std::int64_t change = 1'774'746'000;  // 2026-03-29T01:00Z, 23:00 on Saturday there.

  EXPECT_EQ(offset(rule, change - 1), -2 * kHour);
  EXPECT_EQ(offset(rule, change), -kHour);
}

TEST(ZoneRule, RefusesWhatIsNoRule) {
  for (const std::string_view text :
       {"", "CET", "CE-1", "<+01-1", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/",
        "CET-1CEST,M3.5.0,M10.5.0x", "CET-200", "CET-1CEST,J0,J300", "CET-1:60"}) {
    EXPECT_FALSE(ZoneRule::parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace seendr
