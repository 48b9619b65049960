#include "runtime/time_zone.hpp"

#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

#include "base/env.hpp"
#include "support/zone_file.hpp"

namespace seendr {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

TEST(TimeZone, IsUtcUnlessItWasLoaded) {
  const TimeZone zone;
  EXPECT_EQ(zone.offset_s(1'800'000'000), 0);
  EXPECT_EQ(zone.midnight(1'767'225'600'000 + 5 * kHourMs), 1'767'225'600'000);
  EXPECT_EQ(zone.midnight(1'767'225'600'000), 1'767'225'600'000);

  EXPECT_TRUE(TimeZone::load("UTC", "/nowhere").has_value());
}

TEST(TimeZone, ReadsTheChangesOfAFileAndGoesOnByItsRule) {
  const test::ZoneFile file(-600, {{1'000, 3600}, {2'000, -7200}}, "AAA-5");
  const std::optional<TimeZone> zone = TimeZone::parse(file.bytes());

  ASSERT_TRUE(zone.has_value());
  EXPECT_EQ(zone->offset_s(999), -600);
  EXPECT_EQ(zone->offset_s(1'000), 3600);
  EXPECT_EQ(zone->offset_s(1'999), 3600);
  EXPECT_EQ(zone->offset_s(2'000), 5 * 3600);  // The rule's, as the file says nothing later.
}

TEST(TimeZone, KeepsTheLastOffsetWhenThereIsNoRule) {
  const test::ZoneFile file(0, {{1'000, 3600}}, "");
  const std::optional<TimeZone> zone = TimeZone::parse(file.bytes());

  ASSERT_TRUE(zone.has_value());
  EXPECT_EQ(zone->offset_s(5'000'000'000), 3600);
}

TEST(TimeZone, RefusesFilesThatAreCutOffOrWrong) {
  const std::string bytes = test::ZoneFile(-600, {{1'000, 3600}, {2'000, -7200}}, "AAA-5").bytes();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(TimeZone::parse(bytes.substr(0, size)).has_value()) << size;
  }
  std::string huge = bytes;
  huge[32] = huge[33] = huge[34] = huge[35] = '\x7f';  // More changes than any file has.
  EXPECT_FALSE(TimeZone::parse(huge).has_value());
}

TEST(TimeZone, RefusesNamesThatLeadOutOfTheFolder) {
  for (const char* name : {"", "/etc/passwd", "../passwd", "Europe/../../passwd", "No/Such"}) {
    EXPECT_FALSE(TimeZone::load(name).has_value()) << name;
  }
}

// A zone without files of the system: midnight does not exist on the day its clock goes forward.
TEST(TimeZone, ADayWithoutMidnightBeginsAtOne) {
  const std::int64_t change = 1'541'300'400;  // 2018-11-04T03:00Z, São Paulo.
  const std::optional<TimeZone> zone =
      TimeZone::parse(test::ZoneFile(-10'800, {{change, -7'200}}, "<-02>2").bytes());
  ASSERT_TRUE(zone.has_value());

  EXPECT_EQ(zone->midnight((change + 7'200) * 1000), change * 1000);
  EXPECT_EQ(zone->midnight((change - 1) * 1000), (change - 86'400) * 1000);
}

TEST(TimeZone, ADayWithTwoMidnightsBeginsAtTheFirst) {
  const std::int64_t change = 1'793'509'200;  // 2026-11-01T05:00Z, Havana: 01:00 becomes 00:00.
  const std::optional<TimeZone> zone =
      TimeZone::parse(test::ZoneFile(-14'400, {{change, -18'000}}, "CST5").bytes());
  ASSERT_TRUE(zone.has_value());

  EXPECT_EQ(zone->midnight((change + 7'200) * 1000), (change - 3'600) * 1000);
}

// Berlin in 2026: at 01:00 UTC of 29 March 02:00 becomes 03:00, of 25 October 03:00 becomes 02:00.
TEST(TimeZone, SaysWhenTheClockFirstShowsATime) {
  const std::int64_t spring = 1'774'746'000;
  const std::int64_t autumn = 1'792'890'000;
  const std::optional<TimeZone> zone =
      TimeZone::parse(test::ZoneFile(3'600, {{spring, 7'200}, {autumn, 3'600}}, "").bytes());
  ASSERT_TRUE(zone.has_value());

  EXPECT_EQ(zone->first_at(spring + 3'599), spring - 1);
  for (const std::int64_t left_out : {0, 1, 1'800, 3'600}) {
    EXPECT_EQ(zone->first_at(spring + 3'600 + left_out), spring) << left_out;
  }
  EXPECT_EQ(zone->first_at(spring + 7'201), spring + 1);

  EXPECT_EQ(zone->first_at(autumn + 3'600), autumn - 3'600);  // 02:00 comes twice.
  EXPECT_EQ(zone->first_at(autumn + 7'199), autumn - 1);
  EXPECT_EQ(zone->first_at(autumn + 7'200), autumn + 3'600);  // 03:00 was not reached before.
}

TEST(TimeZone, ADayThatIsLeftOutBeginsWithTheNext) {
  const std::int64_t change = 1'325'239'200;  // 2011-12-30T10:00Z, Apia crosses the date line.
  const std::optional<TimeZone> zone =
      TimeZone::parse(test::ZoneFile(-36'000, {{change, 50'400}}, "").bytes());
  ASSERT_TRUE(zone.has_value());

  const std::int64_t noon_of_the_30th = 1'325'246'400;
  EXPECT_EQ(zone->first_at(noon_of_the_30th), change);
  EXPECT_EQ(zone->first_at(noon_of_the_30th + 86'400), change + 12 * 3'600);
  EXPECT_EQ(zone->first_at(noon_of_the_30th - 86'400), change - 12 * 3'600);
}

// Every zone of the system that this machine has, compared with the C library.
class ZonesOfTheSystem : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const char* was = std::getenv("TZ")) before_ = was;
    setenv("TZ", GetParam(), 1);
    tzset();
  }
  void TearDown() override {
    if (before_) {
      setenv("TZ", before_->c_str(), 1);
    } else {
      unsetenv("TZ");
    }
    tzset();
  }
  std::optional<std::string> before_;
};

TEST_P(ZonesOfTheSystem, AgreeWithTheCLibrary) {
  if (!std::filesystem::exists("/usr/share/zoneinfo")) return;  // A machine without the database.
  const std::optional<TimeZone> zone = TimeZone::load(GetParam());
  ASSERT_TRUE(zone.has_value());
  SeededRandom random(3);
  for (int i = 0; i < 3000; ++i) {
    const auto at = static_cast<std::time_t>(random.below(4'000'000'000));  // Until 2096.
    std::tm local{};
    localtime_r(&at, &local);
    ASSERT_EQ(zone->offset_s(at), local.tm_gmtoff) << at;
    // The clock shows now what it shows: for the first time, but for an hour in autumn.
    const std::int64_t first = zone->first_at(at + local.tm_gmtoff);
    ASSERT_LE(first, at);
    ASSERT_EQ(first + zone->offset_s(first), at + local.tm_gmtoff) << at;
    ASSERT_TRUE(first == at || zone->offset_s(first) > local.tm_gmtoff) << at;

    const std::int64_t midnight = zone->midnight(at * 1000) / 1000;
    ASSERT_LE(midnight, at);
    ASSERT_LT(at - midnight, 90'000);
    const std::time_t just_before = midnight - 1;
    std::tm first_of_day{};
    std::tm last{};
    localtime_r(&midnight, &first_of_day);
    localtime_r(&just_before, &last);
    const bool modern = at > 100'000'000;  // Before 1973 some midnights were at odd minutes.
    if (!modern) continue;
    ASSERT_EQ(first_of_day.tm_yday, local.tm_yday) << at;
    ASSERT_NE(last.tm_yday, local.tm_yday) << at;
  }
}

INSTANTIATE_TEST_SUITE_P(Some, ZonesOfTheSystem,
                         ::testing::Values("Europe/Paris", "America/New_York", "Asia/Kolkata",
                                           "Asia/Kathmandu", "Australia/Lord_Howe",
                                           "America/St_Johns", "Europe/Dublin", "America/Havana",
                                           "America/Sao_Paulo", "Pacific/Chatham", "America/Nuuk",
                                           "Africa/Cairo"));

}  // namespace
}  // namespace seendr
