// An Env for tests: real or manual clock, seeded randomness, silent log, metrics of its own.
#pragma once

#include "base/env.hpp"

namespace seendr::test {

struct TestEnv {
  SystemClock system_clock;
  ManualClock clock;  // Used by manual().
  SeededRandom random{42};
  Metrics metrics;

  // Real time: for tests that do I/O.
  Env real() { return Env{system_clock, random, Logger::silent(), metrics}; }

  // Time that only the test moves: for everything pure.
  Env manual() { return Env{clock, random, Logger::silent(), metrics}; }
};

}  // namespace seendr::test
