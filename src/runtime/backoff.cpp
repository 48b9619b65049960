#include "runtime/backoff.hpp"

#include <algorithm>

namespace seendr {

Millis Backoff::next(Random& random) {
  const auto factor = std::int64_t{1} << std::min(attempts_, 20U);
  if (attempts_ < 20) ++attempts_;
  const std::int64_t top = std::min(options_.first.count() * factor, options_.limit.count());
  const std::int64_t half = top / 2;
  return Millis(top - half + static_cast<std::int64_t>(random.unit() * static_cast<double>(half)));
}

}  // namespace seendr
