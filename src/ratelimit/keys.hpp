// The Redis keys of the limits. The algorithm is part of the key: what one stores means nothing to
// the other.
#pragma once

#include <string>

#include "ratelimit/limit.hpp"

namespace seendr::ratelimit {

inline std::string limit_key(const Use& use) {
  const bool window = use.limit.algorithm == Algorithm::sliding_window;
  return std::string("seendr:ratelimit:") + (window ? "window:" : "gcra:") + use.limit.name + ":" +
         use.subject;
}

}  // namespace seendr::ratelimit
