// What is to run when, and which of its runs are due. Pure: the time is an argument.
//
// An entry has instants, the points in time at which it should run. How they follow from local time
// when the clock changes, and what becomes of those at which nobody was there: docs/schedule.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/env.hpp"
#include "base/json.hpp"
#include "runtime/time_zone.hpp"
#include "tasks/crontab.hpp"

namespace seendr::tasks {

using Instant = std::chrono::sys_time<Millis>;  // UTC.

// Every so much of absolute time: the multiples of it since 1970.
struct Interval {
  std::chrono::seconds every{60};  // 1 s to 366 days.
};

// At these times of the zone's clocks.
struct Calendar {
  Crontab crontab;
  TimeZone zone = {};  // UTC unless it is loaded.
};

// What becomes of instants that are late by more than kOnTime, because no scheduler ran.
enum class Missed : std::uint8_t {
  skip,
  run_once,  // The last of them runs, unless a later one is on time and runs anyway.
};

inline constexpr Millis kOnTime{30'000};
inline constexpr std::size_t kMaxEntries = 1000;

struct Entry {
  std::string name;  // Unique; what is known of its past is kept by this name.
  std::string task;  // The name its handler is registered by.
  std::variant<Interval, Calendar> when;
  json::array args = {};
  json::object kwargs = {};
  std::string queue = "celery";
  Missed missed = Missed::skip;
  Millis jitter{0};   // Each run is later by less than this, at random; up to 24 h.
  Millis expires{0};  // Not begun so long after it was enqueued, a run is dropped; zero: never.
};

// What is wrong with the entries, as a sentence that names one; nullopt when nothing is.
std::optional<std::string> problem_of(const std::vector<Entry>& entries);

// The entry's first instant after that time, and its last that is not after it. Here and below the
// entry is one that problem_of() has nothing against.
Instant next_after(const Entry& entry, Instant time);
Instant last_until(const Entry& entry, Instant time);

// When an instant's run begins: jitter after it, the same for everybody, but before the next
// instant.
Instant run_time(const Entry& entry, Instant instant);

struct Due {
  std::vector<Instant> instants;  // To be run now; in order, some tens at most.
  bool missed = false;            // Some that nobody ran are settled too.
  Instant settled{};              // Up to here nothing is left to do: the next call's `settled`.
  Instant next{};                 // When the next run begins.
};

// What is due at `now` of what comes after `settled`.
Due due(const Entry& entry, Instant settled, Instant now);

}  // namespace seendr::tasks
