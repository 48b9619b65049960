// Delays between attempts: exponential, capped, with full jitter. Pure.
//
// Source: "Exponential Backoff and Jitter", AWS Architecture Blog, 2015 (the "equal jitter"
// variant: half fixed, half random, so that a delay is never zero).
#pragma once

#include <chrono>

#include "base/env.hpp"

namespace seendr {

struct BackoffOptions {
  Millis first{50};    // Upper limit of the first delay.
  Millis limit{2000};  // Upper limit of every delay.
};

class Backoff {
 public:
  explicit Backoff(BackoffOptions options) : options_(options) {}

  // The delay before the next attempt; each call doubles the next one's upper limit.
  Millis next(Random& random);

  // After a success.
  void reset() { attempts_ = 0; }

 private:
  BackoffOptions options_;
  unsigned attempts_ = 0;
};

}  // namespace seendr
