// Local time of a zone of the system's database: days that begin at its midnight, and when its
// clocks show a time.
//
// Of its own, because localtime_r() knows one zone a process, the standard library of our compilers
// none, and Debian's libdate-tz no change of the clock after 2037. Format of the files: RFC 8536
// (TZif), version 2 or later.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/zone_rule.hpp"

namespace seendr {

// A value; UTC unless it was loaded.
class TimeZone {
 public:
  TimeZone() = default;

  // "UTC" needs no file. Nothing when there is no such zone, or its file cannot be read.
  static std::optional<TimeZone> load(const std::string& name,
                                      const std::filesystem::path& folder = "/usr/share/zoneinfo");

  // From the content of a file; nothing when that is not the format.
  static std::optional<TimeZone> parse(std::string_view bytes);

  // Seconds to add to UTC for local time.
  std::int64_t offset_s(std::int64_t unix_s) const;

  // The first quarter of an hour of the local day that the moment is in, in milliseconds: midnight,
  // or 01:00 where a change of the clock leaves midnight out.
  std::int64_t midnight(std::int64_t unix_ms) const;

  // The first moment at which the local clock shows `local_s` (seconds since 1970 by that clock) or
  // later: the earlier one of a time that comes twice, and for a time that a change of the clock
  // leaves out the moment of that change.
  std::int64_t first_at(std::int64_t local_s) const;

 private:
  struct Change {
    std::int64_t unix_s;
    std::int64_t offset_s;
  };

  std::int64_t before_s_ = 0;  // Until the first change.
  std::vector<Change> changes_;
  std::optional<ZoneRule> rule_;  // After the last change.
};

}  // namespace seendr
