#include "app/jobs/schedule.hpp"

#include "app/jobs/job_queue.hpp"
#include "app/settings/config.hpp"
#include "base/number.hpp"

namespace seendr::app {

namespace {

constexpr int kMinutesOfDay = 24 * 60;
constexpr int kBeforePeak = 30;
constexpr int kCleanUpAt = 4 * 60 + 10;  // Fewest are here at night.

// Minutes since midnight of "20:00".
int minute_of_day(const Settings& settings, std::string_view key) {
  const std::string text = settings.text(key);
  const bool shaped = text.size() == 5 && text[2] == ':';
  const auto hour = shaped ? parse_number<int>(text.substr(0, 2)) : std::nullopt;
  const auto minute = shaped ? parse_number<int>(text.substr(3)) : std::nullopt;
  if (!hour || !minute || *hour < 0 || *hour > 23 || *minute < 0 || *minute > 59) {
    throw ConfigError(std::string(key) + " is a time of the day like 20:00, not \"" + text + "\"");
  }
  return *hour * 60 + *minute;
}

tasks::Calendar daily(int minute, const TimeZone& zone) {
  const int wrapped = (minute + kMinutesOfDay) % kMinutesOfDay;
  const std::string line =
      std::to_string(wrapped % 60) + " " + std::to_string(wrapped / 60) + " * * *";
  return tasks::Calendar{*tasks::Crontab::parse(line), zone};
}

}  // namespace

std::vector<tasks::Entry> schedule_entries(const Settings& settings) {
  const TimeZone zone = time_zone(settings);
  const int peak = minute_of_day(settings, "schedule.peak");
  const int digest = minute_of_day(settings, "schedule.digest");
  std::vector<tasks::Entry> entries;
  entries.push_back({.name = "record_history",
                     .task = std::string(job::kRecordHistory),
                     .when = tasks::Interval{std::chrono::seconds(2)},
                     .expires = Millis(10'000)});
  entries.push_back({.name = "forget_gone",
                     .task = std::string(job::kForgetGone),
                     .when = tasks::Interval{std::chrono::seconds(10)},
                     .expires = Millis(30'000)});
  entries.push_back({.name = "archive_board",
                     .task = std::string(job::kArchiveBoard),
                     .when = tasks::Calendar{*tasks::Crontab::parse("0,15 0 * * *"), zone},
                     .missed = tasks::Missed::run_once});
  entries.push_back({.name = "warm_cache",
                     .task = std::string(job::kWarmCache),
                     .when = tasks::Interval{std::chrono::minutes(5)},
                     .expires = Millis(240'000)});
  entries.push_back({.name = "warm_cache_for_peak",
                     .task = std::string(job::kWarmCache),
                     .when = daily(peak - kBeforePeak, zone),
                     .expires = Millis(kBeforePeak * 60'000)});
  entries.push_back({.name = "mail_digests",
                     .task = std::string(job::kDigestMails),
                     .when = daily(digest, zone),
                     .missed = tasks::Missed::run_once});
  entries.push_back({.name = "clean_up",
                     .task = std::string(job::kCleanUp),
                     .when = daily(kCleanUpAt, zone),
                     .missed = tasks::Missed::run_once,
                     .jitter = Millis(1'800'000)});
  for (tasks::Entry& entry : entries) entry.queue = kJobQueue;
  return entries;
}

}  // namespace seendr::app
