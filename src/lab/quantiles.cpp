#include "lab/quantiles.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace seendr::lab {

Quantiles quantiles(std::vector<double> values) {
  Quantiles out;
  if (values.empty()) return out;
  std::sort(values.begin(), values.end());
  const double count = static_cast<double>(values.size());
  const auto at = [&values, count](double share) {
    const double rank = std::ceil(share * count);
    return values[static_cast<std::size_t>(std::max(1.0, rank)) - 1];
  };
  out.count = values.size();
  out.p50 = at(0.5);
  out.p90 = at(0.9);
  out.p99 = at(0.99);
  out.max = values.back();
  out.mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  return out;
}

}  // namespace seendr::lab
