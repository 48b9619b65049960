// Times of a day of a calendar, as crontab lines write them. Pure; knows local time only.
//
//   minute hour day-of-month month day-of-week      0 3 * * mon-fri
//
// A field is `*`, `*/step`, a value, `first-last`, `first-last/step`, or a list of these with
// commas. Months and days of the week may have English names, three letters or whole; Sunday is 0.
// As in Celery, and unlike cron: the day of the month and the day of the week must both fit, a
// range may go over the end (`fri-mon`, `22-4`), and 7 is no day of the week.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace seendr::tasks {

using LocalMinute = std::chrono::local_time<std::chrono::minutes>;

struct CrontabError {
  std::size_t position;  // Where in the text, from 0.
  std::string reason;    // A sentence without its full stop.
};

class Crontab {
 public:
  // At most 1000 characters. Refused too: what never comes, such as 31 February.
  static boost::system::result<Crontab, CrontabError> parse(std::string_view text);

  // The first after `time`. There is always one within 40 years.
  LocalMinute next_after(LocalMinute time) const;

  // The last that is not after `time`; the same.
  LocalMinute last_until(LocalMinute time) const;

  // As it was parsed, but for the space between the fields.
  const std::string& text() const { return text_; }

 private:
  Crontab() = default;

  bool has_day(std::chrono::local_days day) const;
  std::optional<std::chrono::minutes> first_from(std::int64_t minute_of_day) const;
  std::optional<std::chrono::minutes> last_to(std::int64_t minute_of_day) const;

  std::string text_;
  // Bit n stands for the value n.
  std::array<std::uint64_t, 5> fields_{};
};

[[noreturn]] inline void throw_exception_from_error(const CrontabError& error,
                                                    const boost::source_location&) {
  throw std::invalid_argument(error.reason + " (at " + std::to_string(error.position) + ")");
}

}  // namespace seendr::tasks
