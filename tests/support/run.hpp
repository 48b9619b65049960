// Runs one coroutine to its end inside a test.
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>

#include "runtime/net.hpp"

namespace seendr::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int kSlowness = 10;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr int kSlowness = 10;
#else
inline constexpr int kSlowness = 1;
#endif
#else
inline constexpr int kSlowness = 1;
#endif

// Calls `body()` and runs the coroutine it returns on `io`; rethrows what it throws. Fails after
// `limit` of wall-clock time, ten times that under a sanitizer. `body` may capture by reference: it
// outlives the coroutine.
template <class Body>
void run(net::io_context& io, Body body, std::chrono::seconds limit = std::chrono::seconds(10)) {
  std::optional<std::exception_ptr> outcome;
  net::co_spawn(io, body(), [&](std::exception_ptr error) {
    outcome = error;
    io.stop();
  });
  io.restart();
  io.run_for(limit * kSlowness);
  if (!outcome) throw std::runtime_error("test coroutine did not finish in time");
  if (*outcome) std::rethrow_exception(*outcome);
}

template <class Body>
void run(Body body, std::chrono::seconds limit = std::chrono::seconds(10)) {
  net::io_context io;
  run(io, std::move(body), limit);
}

}  // namespace seendr::test
