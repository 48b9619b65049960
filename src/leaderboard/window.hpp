// Time cut into slices, and how much each counts in a window that ends now. Pure.
//
// Counts are kept by slice, but a window moves with the clock. Slices that lie wholly in it count
// in full; of the oldest only the part that is still in it, as if its events were spread evenly. So
// no sum jumps when a slice begins or ends: what was counted fades out over the length of a slice.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/env.hpp"

namespace seendr::leaderboard {

enum class Window : std::uint8_t { hour, day, week };

inline constexpr Millis kHour{3'600'000};

std::string_view name_of(Window window);  // Part of keys.
Millis length_of(Window window);
Millis slice_of(Window window);  // 5 minutes, 1 hour, 6 hours.

struct Slice {
  std::int64_t number = 0;  // Of this length since 1970.
  double weight = 1;        // What one event in it counts now; more than 0.
  bool whole = true;        // No part of it is before the window.
};

// The slices that begin before `now_ms` and end after `start_ms`, oldest first. With a half-life
// other than 0, an event counts half as much after each such time; all events of a slice are taken
// to be in its middle. Weights are multiples of 2^-20, so that sums of them are exact and equal
// counts stay equal.
std::vector<Slice> slices_between(std::int64_t start_ms, std::int64_t now_ms, Millis slice,
                                  Millis half_life);

}  // namespace seendr::leaderboard
