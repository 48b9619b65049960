#include "runtime/time_zone.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>

namespace seendr {

namespace {

constexpr std::size_t kHeader = 44;
constexpr std::size_t kLargest = 1 << 20;  // Real files have a few KiB.

// Clocks change at quarters of an hour of UTC, in all zones since 1972.
constexpr std::int64_t kQuarter = 900;

// Big-endian, two's complement.
std::int64_t integer(std::string_view bytes) {
  std::uint64_t value = static_cast<signed char>(bytes[0]) < 0 ? ~std::uint64_t{0} : 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(value);
}

struct Counts {
  std::size_t utc, standard, leaps, changes, types, letters;

  std::size_t size(std::size_t time_size) const {
    return changes * (time_size + 1) + types * 6 + letters + leaps * (time_size + 4) + standard +
           utc;
  }
};

std::optional<Counts> counts_at(std::string_view bytes) {
  if (bytes.size() < kHeader || bytes.substr(0, 4) != "TZif" || bytes[4] < '2') return std::nullopt;
  const auto count = [&](std::size_t which) {
    const std::int64_t value = integer(bytes.substr(20 + 4 * which, 4));
    return value < 0 ? kLargest : std::min(kLargest, static_cast<std::size_t>(value));
  };
  return Counts{count(0), count(1), count(2), count(3), count(4), count(5)};
}

bool is_name(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '/' || c == '_' || c == '-' || c == '+';
  });
  return plain && !name.empty() && name.front() != '/';
}

}  // namespace

std::optional<TimeZone> TimeZone::load(const std::string& name,
                                       const std::filesystem::path& folder) {
  if (name == "UTC") return TimeZone();
  if (!is_name(name)) return std::nullopt;
  const std::filesystem::path path = folder / name;
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error || size > kLargest) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  return parse(bytes);
}

std::optional<TimeZone> TimeZone::parse(std::string_view bytes) {
  // The first part, with times of 32 bits, is for readers of version 1.
  const std::optional<Counts> skipped = counts_at(bytes);
  if (!skipped || bytes.size() < kHeader + skipped->size(4)) return std::nullopt;
  bytes.remove_prefix(kHeader + skipped->size(4));
  const std::optional<Counts> counts = counts_at(bytes);
  if (!counts || bytes.size() < kHeader + counts->size(8) || counts->types == 0) {
    return std::nullopt;
  }
  bytes.remove_prefix(kHeader);

  const std::string_view times = bytes.substr(0, 8 * counts->changes);
  const std::string_view kinds = bytes.substr(times.size(), counts->changes);
  const std::string_view types = bytes.substr(times.size() + kinds.size(), 6 * counts->types);
  TimeZone zone;
  zone.before_s_ = integer(types.substr(0, 4));
  for (std::size_t i = 0; i < counts->changes; ++i) {
    const std::size_t kind = static_cast<unsigned char>(kinds[i]);
    if (kind >= counts->types) return std::nullopt;
    zone.changes_.push_back(
        Change{integer(times.substr(8 * i, 8)), integer(types.substr(6 * kind, 4))});
  }

  std::string_view footer = bytes.substr(counts->size(8));
  if (footer.size() < 2 || footer.front() != '\n' || footer.back() != '\n') return std::nullopt;
  footer = footer.substr(1, footer.size() - 2);
  if (footer.empty()) return zone;  // The last change holds for ever.
  zone.rule_ = ZoneRule::parse(footer);
  if (!zone.rule_) return std::nullopt;
  return zone;
}

std::int64_t TimeZone::offset_s(std::int64_t unix_s) const {
  const auto next =
      std::upper_bound(changes_.begin(), changes_.end(), unix_s,
                       [](std::int64_t at, const Change& change) { return at < change.unix_s; });
  if (next == changes_.end() && rule_) return rule_->offset_s(unix_s);
  return next == changes_.begin() ? before_s_ : std::prev(next)->offset_s;
}

// Every midnight is at a quarter of an hour of UTC. So it is enough to go back by quarters while
// the date is the same.
std::int64_t TimeZone::midnight(std::int64_t unix_ms) const {
  const auto day_of = [this](std::int64_t unix_s) {
    const std::int64_t local = unix_s + offset_s(unix_s);
    return (local >= 0 ? local : local - 86'399) / 86'400;
  };
  std::int64_t at = unix_ms / 1000 / kQuarter * kQuarter;
  const std::int64_t today = day_of(at);
  while (day_of(at - kQuarter) == today) at -= kQuarter;
  return at * 1000;
}

std::int64_t TimeZone::first_at(std::int64_t local_s) const {
  constexpr std::int64_t kFarthest = 16 * 3600;  // No zone was ever farther from UTC.
  const std::int64_t earliest = local_s - kFarthest;
  std::int64_t at = earliest - (earliest % kQuarter + kQuarter) % kQuarter;
  for (;; at += kQuarter) {
    const std::int64_t shown = at + offset_s(at);
    if (shown + kQuarter > local_s) return at + std::max<std::int64_t>(0, local_s - shown);
  }
}

}  // namespace seendr
