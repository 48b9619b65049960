// One figure of a benchmark beside what others make of the same work, and its text. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace seendr::lab {

struct Rival {
  std::string name;             // "redis-benchmark".
  std::optional<double> value;  // In the unit of the measurement.
  std::string missing;          // Why there is no value.
};

struct Measurement {
  std::string name;  // "redis.get.50.per_s": bench, what, size, measure.
  double value = 0;
  std::string unit;  // "1/s".
  std::vector<Rival> against;
};

// A line for people: the value, and each rival's with how many times as much ours is.
std::string row(const Measurement& measurement);

// A line for programs, a JSON object: {"name", "value", "unit", "against"}, where `against` has for
// each rival {"value", "ratio"} or {"missing": why}.
std::string json_line(const Measurement& measurement);

}  // namespace seendr::lab
