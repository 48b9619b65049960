// Points in time as Celery writes them: ISO 8601 with microseconds. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace seendr::tasks {

using Time = std::chrono::sys_time<std::chrono::microseconds>;  // UTC.

// "2026-11-23T04:01:01.481332+00:00"; without the fraction when it is zero.
std::string to_iso(Time time);

// A date and a time with 'T' or a space between, an optional fraction, and 'Z', an offset (+hh:mm,
// +hhmm) or nothing, which means UTC. Digits beyond the microsecond are dropped. Years from 1970 to
// 9999. nullopt for anything else.
std::optional<Time> from_iso(std::string_view text);

}  // namespace seendr::tasks
