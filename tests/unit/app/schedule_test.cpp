#include "app/jobs/schedule.hpp"

#include <gtest/gtest.h>

namespace seendr::app {
namespace {

std::vector<tasks::Entry> entries_with(const Settings::Pairs& flags) {
  return schedule_entries(Settings::load({}, "", flags));
}

std::string refusal_of(const Settings::Pairs& flags) {
  try {
    entries_with(flags);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(ScheduleEntries, CanBeScheduled) {
  const std::vector<tasks::Entry> entries = entries_with({});
  EXPECT_EQ(tasks::problem_of(entries), std::nullopt);
  for (const tasks::Entry& entry : entries) EXPECT_EQ(entry.queue, "seendr") << entry.name;
}

TEST(ScheduleEntries, TakeTimesOfTheDay) {
  EXPECT_EQ(refusal_of({{"schedule.peak", "00:00"}, {"schedule.digest", "23:59"}}), "");
  for (const char* wrong : {"24:00", "7:00", "12:60", "noon", "", "12.30", "-1:00"}) {
    EXPECT_EQ(refusal_of({{"schedule.peak", wrong}}),
              "schedule.peak is a time of the day like 20:00, not \"" + std::string(wrong) + "\"");
  }
  EXPECT_NE(refusal_of({{"server.time_zone", "Mars/Olympus"}}), "");
}

}  // namespace
}  // namespace seendr::app
