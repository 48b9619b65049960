// The rule by which a time zone goes on after the last change that its file lists. Pure.
//
// Text like "CET-1CEST,M3.5.0,M10.5.0/3": the name and offset of standard time, and of summer time
// with the moments at which it begins and ends. Source: POSIX.1-2017, Base Definitions 8.3 (TZ),
// with the hours of RFC 8536, 3.3.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace seendr {

class ZoneRule {
 public:
  // Nothing when the text is not a rule.
  static std::optional<ZoneRule> parse(std::string_view text);

  // Seconds to add to UTC for local time.
  std::int64_t offset_s(std::int64_t unix_s) const;

 private:
  struct Change {
    enum class Kind : std::uint8_t { julian, day_of_year, month_week_day };
    Kind kind = Kind::day_of_year;
    int day = 0;  // Of the year: from 1 without counting 29 February, or from 0. Or of the week.
    int week = 0;
    int month = 0;
    std::int64_t time_s = 7200;  // After midnight, by the clock that is valid until then.
  };

  class Parser;
  static std::int64_t local_s(const Change& change, int year);

  std::int64_t standard_s_ = 0;
  std::int64_t summer_s_ = 0;
  bool has_summer_ = false;
  Change begin_;
  Change end_;
};

}  // namespace seendr
