#include "leaderboard/window.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace seendr::leaderboard {

namespace {

constexpr double kFine = 1 << 20;

double quantised(double weight) {
  return std::floor(weight * kFine) / kFine;
}

}  // namespace

std::string_view name_of(Window window) {
  switch (window) {
    case Window::hour:
      return "hour";
    case Window::day:
      return "day";
    case Window::week:
      return "week";
  }
  assert(false);
  return "";
}

Millis length_of(Window window) {
  switch (window) {
    case Window::hour:
      return kHour;
    case Window::day:
      return 24 * kHour;
    case Window::week:
      return 7 * 24 * kHour;
  }
  assert(false);
  return kHour;
}

Millis slice_of(Window window) {
  switch (window) {
    case Window::hour:
      return kHour / 12;
    case Window::day:
      return kHour;
    case Window::week:
      return 6 * kHour;
  }
  assert(false);
  return kHour;
}

std::vector<Slice> slices_between(std::int64_t start_ms, std::int64_t now_ms, Millis slice,
                                  Millis half_life) {
  assert(start_ms >= 0 && start_ms <= now_ms && slice > Millis(0) && half_life >= Millis(0));
  const std::int64_t length = slice.count();
  std::vector<Slice> out;
  for (std::int64_t number = start_ms / length; number * length <= now_ms; ++number) {
    const std::int64_t begin = number * length;
    const std::int64_t inside = begin + length - std::max(begin, start_ms);
    double weight = static_cast<double>(inside) / static_cast<double>(length);
    if (half_life > Millis(0)) {
      const std::int64_t age = std::max<std::int64_t>(0, now_ms - (begin + length / 2));
      weight *= std::exp2(-static_cast<double>(age) / static_cast<double>(half_life.count()));
    }
    weight = quantised(weight);
    if (weight > 0) out.push_back(Slice{number, weight, begin >= start_ms});
  }
  return out;
}

}  // namespace seendr::leaderboard
