#include "tasks/iso_time.hpp"

#include <cstdio>

namespace seendr::tasks {

namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes text from the front; after a failure everything fails.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    if (rest_.size() < count) return fail();
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  bool skip(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (!skip(c)) fail();
  }

  // The digits of a fraction of a second.
  microseconds fraction() {
    int value = 0;
    std::size_t count = 0;
    for (; !rest_.empty() && is_digit(rest_.front()); rest_.remove_prefix(1), ++count) {
      if (count < 6) value = value * 10 + (rest_.front() - '0');
    }
    if (count == 0) fail();
    for (; count < 6; ++count) value *= 10;
    return microseconds(value);
  }

  bool done() const { return ok_ && rest_.empty(); }
  bool ok() const { return ok_; }

 private:
  int fail() {
    ok_ = false;
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

// How far the written time is ahead of UTC.
minutes offset_of(Scanner& text) {
  if (text.skip('Z')) return minutes(0);
  const bool east = text.skip('+');
  if (!east && !text.skip('-')) return minutes(0);
  const int hour = text.digits(2);
  text.skip(':');
  const minutes offset = hours(hour) + minutes(text.digits(2));
  return east ? offset : -offset;
}

}  // namespace

std::string to_iso(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const long micros = static_cast<long>(clock.subseconds().count());
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  std::string out = text;
  if (micros != 0) {
    std::snprintf(text, sizeof text, ".%06ld", micros);
    out += text;
  }
  return out + "+00:00";
}

std::optional<Time> from_iso(std::string_view text) {
  Scanner scan(text);
  const std::chrono::year year(scan.digits(4));
  scan.expect('-');
  const std::chrono::month month(static_cast<unsigned>(scan.digits(2)));
  scan.expect('-');
  const std::chrono::day day(static_cast<unsigned>(scan.digits(2)));
  if (!scan.skip('T')) scan.expect(' ');
  const int hour = scan.digits(2);
  scan.expect(':');
  const int minute = scan.digits(2);
  scan.expect(':');
  const int second = scan.digits(2);
  microseconds fraction(0);
  if (scan.skip('.')) fraction = scan.fraction();
  const minutes offset = offset_of(scan);

  const std::chrono::year_month_day date(year, month, day);
  if (!scan.done() || !date.ok() || static_cast<int>(year) < 1970) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return Time(std::chrono::sys_days(date)) + hours(hour) + minutes(minute) + seconds(second) +
         fraction - offset;
}

}  // namespace seendr::tasks
