// What every module is given: clock, randomness, log and metrics. Nothing in it does I/O on its
// own.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <random>
#include <span>

#include "base/log.hpp"
#include "base/metrics.hpp"

namespace seendr {

using Millis = std::chrono::milliseconds;

// Monotonic time for deadlines and wall time for what leaves the process.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::steady_clock::time_point now() const = 0;
  virtual std::chrono::system_clock::time_point wall() const = 0;

  std::int64_t now_ms() const;   // Milliseconds of now(), from an arbitrary origin.
  std::int64_t wall_ms() const;  // Unix time in milliseconds.
};

class SystemClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() const override;
  std::chrono::system_clock::time_point wall() const override;
};

// Time that moves only when a test moves it. Starts at 2026-01-01T00:00:00Z.
class ManualClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() const override;
  std::chrono::system_clock::time_point wall() const override;
  void advance(Millis by) { elapsed_ += by; }

 private:
  Millis elapsed_{0};
};

// Uniform random bits; may be called from any thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<unsigned char> bytes) = 0;

  std::uint64_t u64();
  std::uint64_t below(std::uint64_t limit);  // In [0, limit). Requires: limit > 0.
  double unit();                             // In [0, 1).
};

// The kernel's generator: fit for secrets.
class SystemRandom final : public Random {
 public:
  void fill(std::span<unsigned char> bytes) override;
};

// The same numbers for the same seed; for tests and simulations only.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<unsigned char> bytes) override;

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

// Cheap to copy; what it refers to must outlive every module.
struct Env {
  const Clock& clock;
  Random& random;
  Logger log;
  Metrics& metrics;

  // The same with a field added to every log line.
  Env with(std::string_view key, std::string_view value) const {
    return Env{clock, random, log.with(key, value), metrics};
  }
};

}  // namespace seendr
