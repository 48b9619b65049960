#include "base/env.hpp"

#include <cassert>
#include <cerrno>
#include <system_error>

#include <sys/random.h>

namespace seendr {

namespace {

constexpr std::chrono::seconds kManualEpoch{1'767'225'600};  // 2026-01-01T00:00:00Z

}  // namespace

std::int64_t Clock::now_ms() const {
  return std::chrono::duration_cast<Millis>(now().time_since_epoch()).count();
}

std::int64_t Clock::wall_ms() const {
  return std::chrono::duration_cast<Millis>(wall().time_since_epoch()).count();
}

std::chrono::steady_clock::time_point SystemClock::now() const {
  return std::chrono::steady_clock::now();
}

std::chrono::system_clock::time_point SystemClock::wall() const {
  return std::chrono::system_clock::now();
}

std::chrono::steady_clock::time_point ManualClock::now() const {
  return std::chrono::steady_clock::time_point(std::chrono::hours(1) + elapsed_);
}

std::chrono::system_clock::time_point ManualClock::wall() const {
  return std::chrono::system_clock::time_point(kManualEpoch + elapsed_);
}

std::uint64_t Random::u64() {
  std::uint64_t value = 0;
  fill(std::span(reinterpret_cast<unsigned char*>(&value), sizeof value));
  return value;
}

std::uint64_t Random::below(std::uint64_t limit) {
  assert(limit > 0);
  const std::uint64_t fair = UINT64_MAX - UINT64_MAX % limit;  // Beyond it the low values win.
  std::uint64_t value = u64();
  while (value >= fair) value = u64();
  return value % limit;
}

double Random::unit() {
  return static_cast<double>(u64() >> 11) * 0x1.0p-53;
}

void SystemRandom::fill(std::span<unsigned char> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = getrandom(bytes.data(), bytes.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw std::system_error(errno, std::generic_category(), "getrandom");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

void SeededRandom::fill(std::span<unsigned char> bytes) {
  const std::lock_guard lock(mutex_);
  for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(engine_());
}

}  // namespace seendr
