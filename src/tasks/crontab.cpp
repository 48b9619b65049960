#include "tasks/crontab.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <span>

#include "base/number.hpp"

namespace seendr::tasks {

namespace {

using std::chrono::days;
using std::chrono::local_days;

constexpr std::size_t kLongestText = 1000;
constexpr days kFarthest{40 * 366};  // 29 February on a given day of the week, around 2100.

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};

// Places of the fields.
constexpr std::size_t kMinute = 0;
constexpr std::size_t kHour = 1;
constexpr std::size_t kDay = 2;
constexpr std::size_t kMonth = 3;
constexpr std::size_t kWeekday = 4;

struct CrontabField {
  std::string_view name;
  int min;
  int max;
  std::span<const std::string_view> names;  // Of min, min + 1, ...
};

constexpr std::array<CrontabField, 5> kFields = {{{"minute", 0, 59, {}},
                                                  {"hour", 0, 23, {}},
                                                  {"day of the month", 1, 31, {}},
                                                  {"month", 1, 12, kMonths},
                                                  {"day of the week", 0, 6, kWeekdays}}};

constexpr bool has_bit(std::uint64_t bits, std::int64_t value) {
  return (bits >> value & 1) != 0;
}

// Reads one field; throws CrontabError, which parse() catches.
class CrontabReader {
 public:
  CrontabReader(const CrontabField& field, std::string_view text, std::size_t position)
      : field_(field), text_(text), position_(position) {}

  std::uint64_t read() {
    std::uint64_t bits = 0;
    do {
      bits |= item();
    } while (skip(','));
    if (at_ < text_.size()) fail("',' or a space should be here");
    return bits;
  }

 private:
  std::uint64_t item() {
    const std::size_t begin = at_;
    int first = field_.min;
    int last = field_.max;
    bool range = true;
    if (!skip('*')) {
      first = value();
      range = skip('-');
      last = range ? value() : first;
    }
    int step = 1;
    if (skip('/')) {
      if (!range) fail("only '*' and a range have a step", begin);
      step = number("a step");
      if (step == 0) fail("a step is at least 1", at_ - 1);
    }
    const int count = field_.max - field_.min + 1;
    const int length = (last - first + count) % count;  // A range may go over the end.
    std::uint64_t bits = 0;
    for (int i = 0; i <= length; i += step) {
      bits |= std::uint64_t{1} << (field_.min + (first - field_.min + i) % count);
    }
    return bits;
  }

  int value() {
    const std::size_t begin = at_;
    const std::string_view word = run_of([](char c) { return c >= 'a' && c <= 'z'; });
    if (!word.empty()) return named(word, begin);
    const int number_read = number("a value");
    if (number_read < field_.min || number_read > field_.max) {
      fail("the " + std::string(field_.name) + " is from " + std::to_string(field_.min) + " to " +
               std::to_string(field_.max),
           begin);
    }
    return number_read;
  }

  int named(std::string_view word, std::size_t begin) {
    for (std::size_t i = 0; i < field_.names.size(); ++i) {
      const std::string_view name = field_.names[i];
      if (word == name || word == name.substr(0, 3)) return field_.min + static_cast<int>(i);
    }
    fail("\"" + std::string(word) + "\" is no " + std::string(field_.name), begin);
  }

  int number(const std::string& what) {
    const std::size_t begin = at_;
    const std::string_view digits = run_of([](char c) { return c >= '0' && c <= '9'; });
    if (digits.empty()) fail(what + " should be here", begin);
    const std::optional<int> number_read = parse_number<int>(digits);
    if (!number_read || *number_read > 1000) fail("this number is too large", begin);
    return *number_read;
  }

  template <class Is>
  std::string_view run_of(Is is) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  bool skip(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  [[noreturn]] void fail(std::string reason) const { fail(std::move(reason), at_); }
  [[noreturn]] void fail(std::string reason, std::size_t at) const {
    throw CrontabError{position_ + at, std::move(reason)};
  }

  const CrontabField& field_;
  std::string_view text_;
  std::size_t position_;  // Of the field in the whole.
  std::size_t at_ = 0;
};

// The fields of a line, each with its position.
std::array<std::pair<std::string_view, std::size_t>, 5> crontab_fields(std::string_view text) {
  std::array<std::pair<std::string_view, std::size_t>, 5> fields;
  std::size_t at = 0;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    at = std::min(text.find_first_not_of(" \t", at), text.size());
    if (at == text.size()) {
      throw CrontabError{at, "the " + std::string(kFields[i].name) + " is missing"};
    }
    const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
    fields[i] = {text.substr(at, end - at), at};
    at = end;
  }
  at = std::min(text.find_first_not_of(" \t", at), text.size());
  if (at < text.size()) throw CrontabError{at, "there are more than five fields"};
  return fields;
}

// Whether some month has the first of the days. Every date falls on every day of the week.
bool ever_comes(std::uint64_t days_of_month, std::uint64_t months) {
  constexpr std::array<int, 13> kLength = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int first = std::countr_zero(days_of_month);
  for (std::size_t month = 1; month < kLength.size(); ++month) {
    if (has_bit(months, static_cast<int>(month)) && first <= kLength[month]) return true;
  }
  return false;
}

}  // namespace

boost::system::result<Crontab, CrontabError> Crontab::parse(std::string_view text) {
  if (text.size() > kLongestText) return CrontabError{kLongestText, "the text is too long"};
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  try {
    const auto fields = crontab_fields(lower);
    Crontab crontab;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto& [field, position] = fields[i];
      crontab.fields_[i] = CrontabReader(kFields[i], field, position).read();
      crontab.text_ += (i > 0 ? " " : "") + std::string(field);
    }
    if (!ever_comes(crontab.fields_[kDay], crontab.fields_[kMonth])) {
      return CrontabError{fields[kDay].second, "none of these months has such a day"};
    }
    return crontab;
  } catch (const CrontabError& error) {
    return error;
  }
}

bool Crontab::has_day(local_days day) const {
  const std::chrono::year_month_day date(day);
  return has_bit(fields_[kMonth], static_cast<unsigned>(date.month())) &&
         has_bit(fields_[kDay], static_cast<unsigned>(date.day())) &&
         has_bit(fields_[kWeekday], std::chrono::weekday(day).c_encoding());
}

std::optional<std::chrono::minutes> Crontab::first_from(std::int64_t minute_of_day) const {
  for (std::int64_t hour = minute_of_day / 60; hour < 24; ++hour) {
    if (!has_bit(fields_[kHour], hour)) continue;
    const std::int64_t from = hour == minute_of_day / 60 ? minute_of_day % 60 : 0;
    const std::uint64_t left = fields_[kMinute] >> from;
    if (left != 0) return std::chrono::minutes(hour * 60 + from + std::countr_zero(left));
  }
  return std::nullopt;
}

std::optional<std::chrono::minutes> Crontab::last_to(std::int64_t minute_of_day) const {
  for (std::int64_t hour = minute_of_day / 60; hour >= 0; --hour) {
    if (!has_bit(fields_[kHour], hour)) continue;
    const std::int64_t to = hour == minute_of_day / 60 ? minute_of_day % 60 : 59;
    const std::uint64_t left = fields_[kMinute] << (63 - to);
    if (left != 0) return std::chrono::minutes(hour * 60 + to - std::countl_zero(left));
  }
  return std::nullopt;
}

LocalMinute Crontab::next_after(LocalMinute time) const {
  const LocalMinute from = time + std::chrono::minutes(1);
  const local_days today = std::chrono::floor<days>(from);
  std::int64_t minute = (from - today).count();
  for (local_days day = today; day <= today + kFarthest; day += days(1), minute = 0) {
    if (!has_day(day)) continue;
    if (const auto found = first_from(minute)) return day + *found;
  }
  assert(false && "parse() refuses what never comes");
  return time;
}

LocalMinute Crontab::last_until(LocalMinute time) const {
  const local_days today = std::chrono::floor<days>(time);
  std::int64_t minute = (time - today).count();
  for (local_days day = today; day >= today - kFarthest; day -= days(1), minute = 24 * 60 - 1) {
    if (!has_day(day)) continue;
    if (const auto found = last_to(minute)) return day + *found;
  }
  assert(false && "parse() refuses what never comes");
  return time;
}

}  // namespace seendr::tasks
