// Percentiles of a list of measurements. Pure.
#pragma once

#include <cstddef>
#include <vector>

namespace seendr::lab {

// All 0 when there were no measurements.
struct Quantiles {
  std::size_t count = 0;
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
  double max = 0;
  double mean = 0;
};

// By the nearest rank: each percentile is one of the values.
Quantiles quantiles(std::vector<double> values);

}  // namespace seendr::lab
