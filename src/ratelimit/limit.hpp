// What may be done how often, and how the answer to one call reads. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/env.hpp"

namespace seendr::ratelimit {

enum class Algorithm : std::uint8_t {
  // Never more than `calls` in any span of `window`, wherever it begins. Remembers each call, so
  // it is for limits up to some thousand calls.
  sliding_window,
  // `calls` per `window` in the long run, evenly spread, and `burst` at once after a pause: in a
  // span of any length at most `burst` more than its share. Remembers one number, whatever the
  // rate.
  gcra,
};

// Who decides when Redis cannot be asked.
enum class WithoutRedis : std::uint8_t {
  // This process alone, by the same limit and what it let through itself, with Redis or without; N
  // processes together may allow N times as much.
  local,
  allow,   // The call passes.
  refuse,  // It does not.
};

struct Limit {
  std::string name;        // Of the keys and the metrics: not empty, no ':'.
  std::int64_t calls = 1;  // 1 to 1,000,000.
  Millis window{1000};     // 1 ms to 31 days.
  Algorithm algorithm = Algorithm::sliding_window;
  std::int64_t burst = 0;  // Of gcra, at least 1; 0 stands for `calls`.
  WithoutRedis without_redis = WithoutRedis::local;
};

// One limit, and whose calls it counts: a person's id, an address. The subject is part of the key,
// so what is long or secret should be hashed before.
struct Use {
  Limit limit;
  std::string subject;
};

struct Decision {
  bool allowed = true;
  // The numbers are those of one limit, named by its place among the uses of the call: the one that
  // refused (of several the one with the longest wait), or else the one with the least left.
  std::size_t limit = 0;
  std::int64_t remaining = 0;  // Further calls that would pass at this moment.
  Millis retry_after{0};       // When a call would pass, if nobody else takes it; 0 when allowed.
  Millis reset_after{0};       // When nothing of the past counts any more.
  bool without_redis = false;  // Redis could not be asked.
};

// What one limit says to one call. Times are in microseconds.
struct Verdict {
  std::int64_t left = 0;     // Calls that would pass now.
  std::int64_t wait_us = 0;  // Until one would; 0 if `left` is not.
  std::int64_t reset_us = 0;
};

// How a limit is computed. sliding_window: `count` calls in `span_us`. gcra: bursts of `count`, and
// one call every `span_us`, rounded up, so that never more than the limit says can pass.
struct Terms {
  std::int64_t count;
  std::int64_t span_us;
};

inline Terms terms_of(const Limit& limit) {
  const std::int64_t window_us = limit.window.count() * 1000;
  if (limit.algorithm == Algorithm::sliding_window) return Terms{limit.calls, window_us};
  const std::int64_t burst = limit.burst > 0 ? limit.burst : limit.calls;
  return Terms{burst, (window_us + limit.calls - 1) / limit.calls};
}

// One verdict for each use of a call, in their order; at least one.
inline Decision combine(bool allowed, const std::vector<Verdict>& verdicts) {
  std::size_t shown = 0;
  for (std::size_t i = 1; i < verdicts.size(); ++i) {
    const Verdict& best = verdicts[shown];
    const bool tighter =
        allowed ? verdicts[i].left < best.left : verdicts[i].wait_us > best.wait_us;
    if (tighter) shown = i;
  }
  const auto rounded_up = [](std::int64_t us) {
    return Millis((us + 999) / 1000);
  };
  Decision decision;
  decision.allowed = allowed;
  decision.limit = shown;
  decision.remaining = verdicts[shown].left;
  decision.retry_after = rounded_up(allowed ? 0 : verdicts[shown].wait_us);
  decision.reset_after = rounded_up(verdicts[shown].reset_us);
  return decision;
}

}  // namespace seendr::ratelimit
