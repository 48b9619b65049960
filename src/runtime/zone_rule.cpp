#include "runtime/zone_rule.hpp"

#include <cctype>
#include <chrono>

namespace seendr {

namespace {

std::int64_t seconds_of(std::chrono::sys_days day) {
  return std::chrono::seconds(day.time_since_epoch()).count();
}

}  // namespace

// Reads from the front of the text; every function returns false when that is not what it reads.
class ZoneRule::Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool skip(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Letters, or anything between '<' and '>'.
  bool name() {
    std::size_t length = 0;
    if (skip('<')) {
      length = rest_.find('>');
      if (length == std::string_view::npos) return false;
      rest_.remove_prefix(length + 1);
      return length >= 3;
    }
    while (length < rest_.size() && std::isalpha(static_cast<unsigned char>(rest_[length]))) {
      ++length;
    }
    rest_.remove_prefix(length);
    return length >= 3;
  }

  bool number(int& value, int max) {
    std::size_t digits = 0;
    value = 0;
    while (digits < rest_.size() && digits < 3 && rest_[digits] >= '0' && rest_[digits] <= '9') {
      value = 10 * value + (rest_[digits++] - '0');
    }
    rest_.remove_prefix(digits);
    return digits > 0 && value <= max;
  }

  // [+-]hh[:mm[:ss]]
  bool time(std::int64_t& seconds) {
    const bool negative = skip('-');
    if (!negative) skip('+');
    int hours = 0;
    int minutes = 0;
    int rest = 0;
    if (!number(hours, 167)) return false;
    if (skip(':') && !number(minutes, 59)) return false;
    if (skip(':') && !number(rest, 59)) return false;
    seconds = std::int64_t{3600} * hours + std::int64_t{60} * minutes + rest;
    if (negative) seconds = -seconds;
    return true;
  }

  // Jn, n or Mm.w.d, and /time.
  bool change(Change& out) {
    if (skip('M')) {
      out.kind = Change::Kind::month_week_day;
      const bool date = number(out.month, 12) && skip('.') && number(out.week, 5) && skip('.') &&
                        number(out.day, 6);
      if (!date || out.month < 1 || out.week < 1) return false;
    } else {
      const bool julian = skip('J');
      out.kind = julian ? Change::Kind::julian : Change::Kind::day_of_year;
      if (!number(out.day, 365) || (julian && out.day < 1)) return false;
    }
    return !skip('/') || time(out.time_s);
  }

 private:
  std::string_view rest_;
};

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
  Parser parser(text);
  ZoneRule rule;
  std::int64_t west = 0;
  if (!parser.name() || !parser.time(west)) return std::nullopt;
  rule.standard_s_ = -west;
  if (parser.at_end()) return rule;

  if (!parser.name()) return std::nullopt;
  rule.has_summer_ = true;
  rule.summer_s_ = rule.standard_s_ + 3600;
  if (!parser.skip(',')) {
    if (!parser.time(west) || !parser.skip(',')) return std::nullopt;
    rule.summer_s_ = -west;
  }
  const bool changes =
      parser.change(rule.begin_) && parser.skip(',') && parser.change(rule.end_) && parser.at_end();
  if (!changes) return std::nullopt;
  return rule;
}

// The moment of a change in a year, as local time counted like UTC.
std::int64_t ZoneRule::local_s(const Change& change, int year) {
  using namespace std::chrono;
  const std::chrono::year in(year);
  sys_days day = sys_days(in / January / 1);
  if (change.kind == Change::Kind::day_of_year) {
    day += days(change.day);
  } else if (change.kind == Change::Kind::julian) {
    const bool after_february = change.day >= 60;
    day += days(change.day - 1 + (after_february && in.is_leap() ? 1 : 0));
  } else {
    const std::chrono::month month(static_cast<unsigned>(change.month));
    const weekday on(static_cast<unsigned>(change.day));
    day = change.week == 5 ? sys_days(in / month / on[last])
                           : sys_days(in / month / on[static_cast<unsigned>(change.week)]);
  }
  return seconds_of(day) + change.time_s;
}

std::int64_t ZoneRule::offset_s(std::int64_t unix_s) const {
  if (!has_summer_) return standard_s_;
  const std::chrono::sys_days day(std::chrono::floor<std::chrono::days>(
      std::chrono::sys_seconds(std::chrono::seconds(unix_s + standard_s_))));
  const int year = static_cast<int>(std::chrono::year_month_day(day).year());
  const std::int64_t begin = local_s(begin_, year) - standard_s_;
  const std::int64_t end = local_s(end_, year) - summer_s_;
  const bool summer =
      begin < end ? unix_s >= begin && unix_s < end : unix_s >= begin || unix_s < end;
  return summer ? summer_s_ : standard_s_;
}

}  // namespace seendr
