// Entries in local time where the clock changes. The zones are those of the system's database.
#include <gtest/gtest.h>

#include "tasks/iso_time.hpp"
#include "tasks/schedule.hpp"

namespace seendr::tasks {
namespace {

Entry entry_in(const char* zone, std::string_view crontab) {
  Calendar calendar{Crontab::parse(crontab).value(), TimeZone::load(zone).value()};
  return Entry{.name = "tidy", .task = "app.tidy", .when = std::move(calendar)};
}

Instant instant_of(const std::string& text) {
  return std::chrono::floor<Millis>(from_iso(text).value());
}

// The instants after `from`, as "MM-DD hh:mm" in UTC; found again from the other side.
std::vector<std::string> instants(const Entry& entry, const std::string& from, int count) {
  std::vector<std::string> texts;
  Instant time = instant_of(from);
  for (int i = 0; i < count; ++i) {
    const Instant next = next_after(entry, time);
    EXPECT_EQ(last_until(entry, next), next);
    EXPECT_EQ(last_until(entry, next - Millis(1)), last_until(entry, time));
    time = next;
    texts.push_back(to_iso(time).substr(5, 11));
  }
  return texts;
}

using Texts = std::vector<std::string>;

// 2026-03-29 02:00 becomes 03:00 at 01:00 UTC; 2026-10-25 03:00 becomes 02:00 at 01:00 UTC.
TEST(ScheduleInBerlin, ATimeThatIsLeftOutRunsRightAfterTheGap) {
  const Entry daily = entry_in("Europe/Berlin", "30 2 * * *");
  EXPECT_EQ(instants(daily, "2026-03-27T12:00:00Z", 3),
            (Texts{"03-28T01:30", "03-29T01:00", "03-30T00:30"}));
}

TEST(ScheduleInBerlin, TimesThatAreLeftOutTogetherRunOnce) {
  const Entry often = entry_in("Europe/Berlin", "*/20 * * * *");
  EXPECT_EQ(instants(often, "2026-03-29T00:30:00Z", 4),
            (Texts{"03-29T00:40", "03-29T01:00", "03-29T01:20", "03-29T01:40"}));
  const Entry late = entry_in("Europe/Berlin", "15,45 2 * * *");
  EXPECT_EQ(instants(late, "2026-03-28T12:00:00Z", 3),
            (Texts{"03-29T01:00", "03-30T00:15", "03-30T00:45"}));
}

TEST(ScheduleInBerlin, ATimeThatComesTwiceRunsTheFirstTime) {
  const Entry daily = entry_in("Europe/Berlin", "30 2 * * *");
  EXPECT_EQ(instants(daily, "2026-10-24T12:00:00Z", 2), (Texts{"10-25T00:30", "10-26T01:30"}));
  // Also for who looks in the second of the two hours.
  EXPECT_EQ(instants(daily, "2026-10-25T01:10:00Z", 1), (Texts{"10-26T01:30"}));
  EXPECT_EQ(last_until(daily, instant_of("2026-10-25T01:10:00Z")),
            instant_of("2026-10-25T00:30:00Z"));
}

TEST(ScheduleInBerlin, TheSecondHourHasNoInstantsOfItsOwn) {
  const Entry often = entry_in("Europe/Berlin", "*/15 * * * *");
  EXPECT_EQ(instants(often, "2026-10-25T00:20:00Z", 4),
            (Texts{"10-25T00:30", "10-25T00:45", "10-25T02:00", "10-25T02:15"}));
}

TEST(ScheduleInBerlin, IntervalsCountInAbsoluteTime) {
  const Entry often{.name = "tidy", .task = "app.tidy", .when = Interval{std::chrono::minutes(30)}};
  EXPECT_EQ(instants(often, "2026-10-25T00:20:00Z", 4),
            (Texts{"10-25T00:30", "10-25T01:00", "10-25T01:30", "10-25T02:00"}));
}

// 2026-03-08 02:00 becomes 03:00 at 07:00 UTC; 2026-11-01 02:00 becomes 01:00 at 06:00 UTC.
TEST(ScheduleInNewYork, ChangesInItsOwnWeeks) {
  EXPECT_EQ(instants(entry_in("America/New_York", "30 2 * * *"), "2026-03-06T12:00:00Z", 3),
            (Texts{"03-07T07:30", "03-08T07:00", "03-09T06:30"}));
  EXPECT_EQ(instants(entry_in("America/New_York", "30 1 * * *"), "2026-10-30T12:00:00Z", 3),
            (Texts{"10-31T05:30", "11-01T05:30", "11-02T06:30"}));
}

// The clock changes by half an hour: 2026-04-05 02:00 becomes 01:30 at 15:00 UTC of the day before,
// 2026-10-04 02:00 becomes 02:30 at 15:30 UTC of the day before.
TEST(ScheduleOnLordHowe, HalfAnHourIsRepeatedAndLeftOut) {
  EXPECT_EQ(instants(entry_in("Australia/Lord_Howe", "45 1 * * *"), "2026-04-03T00:00:00Z", 3),
            (Texts{"04-03T14:45", "04-04T14:45", "04-05T15:15"}));
  EXPECT_EQ(instants(entry_in("Australia/Lord_Howe", "15 2 * * *"), "2026-10-02T00:00:00Z", 3),
            (Texts{"10-02T15:45", "10-03T15:30", "10-04T15:15"}));
}

// Apia had no 30 December 2011: the 29th ended at 10:00 UTC of the 30th, and the 31st began.
TEST(ScheduleInApia, ADayThatIsLeftOutRunsAtTheBeginningOfTheNext) {
  EXPECT_EQ(instants(entry_in("Pacific/Apia", "0 12 * * *"), "2011-12-29T12:00:00Z", 3),
            (Texts{"12-29T22:00", "12-30T10:00", "12-30T22:00"}));
  EXPECT_EQ(instants(entry_in("Pacific/Apia", "0 12 * * fri"), "2011-12-25T12:00:00Z", 2),
            (Texts{"12-30T10:00", "01-05T22:00"}));
  EXPECT_EQ(instants(entry_in("Pacific/Apia", "0 * * * *"), "2011-12-30T08:30:00Z", 3),
            (Texts{"12-30T09:00", "12-30T10:00", "12-30T11:00"}));
}

// The rule goes on for ever, also where the files of the database list no changes any more.
TEST(ScheduleInBerlin, SummerTimeGoesOnAfter2037) {
  EXPECT_EQ(instants(entry_in("Europe/Berlin", "0 12 1 1,7 *"), "2044-06-01T00:00:00Z", 2),
            (Texts{"07-01T10:00", "01-01T11:00"}));
}

}  // namespace
}  // namespace seendr::tasks
