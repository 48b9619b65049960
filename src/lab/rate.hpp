// How many operations a second some coroutines get done, each of them one after the other.
#pragma once

#include <cstddef>
#include <functional>

#include "base/env.hpp"
#include "runtime/net.hpp"

namespace seendr::lab {

struct Rate {
  std::size_t count = 0;
  double seconds = 0;

  double per_second() const { return seconds > 0 ? static_cast<double>(count) / seconds : 0; }
};

using Operation = std::function<awaitable<void>()>;

// Runs the operation once to warm up, then `workers` loops of it for `duration`; an operation that
// has begun is awaited and counted. Throws what the first failing operation throws.
awaitable<Rate> measure_rate(std::size_t workers, Millis duration, Operation operation);

}  // namespace seendr::lab
