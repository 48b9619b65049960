// Limits as one would write them who keeps every call, and schedules to try them on.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "ratelimit/keys.hpp"
#include "ratelimit/limit.hpp"

namespace seendr::ratelimit {

class Reference {
 public:
  Decision acquire(const std::vector<Use>& uses, std::int64_t now_us) {
    bool allowed = true;
    for (const Use& use : uses) allowed = allowed && passes(use, now_us);
    std::vector<Verdict> verdicts;
    for (const Use& use : uses) {
      if (allowed) calls_[limit_key(use)].push_back(now_us);
      verdicts.push_back(verdict(use, now_us));
    }
    return combine(allowed, verdicts);
  }

  // The most calls that passed within any window of the limit.
  std::size_t most_in_a_window(const Use& use) const {
    const auto found = calls_.find(limit_key(use));
    if (found == calls_.end()) return 0;
    const std::vector<std::int64_t>& calls = found->second;
    const std::int64_t window = use.limit.window.count() * 1000;
    std::size_t most = 0;
    for (std::size_t last = 0; last < calls.size(); ++last) {
      std::size_t first = last;
      while (first > 0 && calls[first - 1] > calls[last] - window) --first;
      most = std::max(most, last - first + 1);
    }
    return most;
  }

 private:
  bool passes(const Use& use, std::int64_t at) const { return left(use, at) > 0; }

  std::int64_t left(const Use& use, std::int64_t at) const {
    const Terms terms = terms_of(use.limit);
    if (use.limit.algorithm == Algorithm::sliding_window) {
      return std::max<std::int64_t>(0, terms.count - counted(use, at));
    }
    return (terms.count * terms.span_us - debt(use, at)) / terms.span_us;
  }

  std::int64_t counted(const Use& use, std::int64_t at) const {
    const std::int64_t window = terms_of(use.limit).span_us;
    std::int64_t count = 0;
    for (const std::int64_t call : calls_of(use)) count += call > at - window && call <= at ? 1 : 0;
    return count;
  }

  // A bucket that leaks a microsecond in each microsecond; every call pours one interval in.
  std::int64_t debt(const Use& use, std::int64_t at) const {
    const std::int64_t interval = terms_of(use.limit).span_us;
    std::int64_t level = 0;
    std::int64_t before = 0;
    for (const std::int64_t call : calls_of(use)) {
      level = std::max<std::int64_t>(0, level - (call - before)) + interval;
      before = call;
    }
    return std::max<std::int64_t>(0, level - (at - before));
  }

  // Looks for the answer where it may change: when a call leaves the window, or what is poured in
  // has leaked.
  Verdict verdict(const Use& use, std::int64_t now) const {
    const Terms terms = terms_of(use.limit);
    Verdict out{left(use, now), 0, 0};
    if (use.limit.algorithm == Algorithm::gcra) {
      out.reset_us = debt(use, now);
      if (out.left == 0) out.wait_us = debt(use, now) - (terms.count - 1) * terms.span_us;
      return out;
    }
    std::optional<std::int64_t> free;
    for (const std::int64_t call : calls_of(use)) {
      const std::int64_t leaves = call + terms.span_us;
      if (leaves <= now) continue;
      out.reset_us = std::max(out.reset_us, leaves - now);
      if (left(use, leaves) > 0 && (!free || leaves < *free)) free = leaves;
    }
    if (out.left == 0) out.wait_us = *free - now;
    return out;
  }

  const std::vector<std::int64_t>& calls_of(const Use& use) const {
    static const std::vector<std::int64_t> none;
    const auto found = calls_.find(limit_key(use));
    return found == calls_.end() ? none : found->second;
  }

  std::map<std::string, std::vector<std::int64_t>> calls_;  // Those that passed.
};

// Limits with windows of 20 s to 60 s: Redis forgets by its own clock, and a schedule of hours must
// run in less than that.
inline std::vector<Limit> some_limits(Random& random, WithoutRedis without_redis) {
  std::vector<Limit> limits;
  for (int i = 0; i < 4; ++i) {
    Limit limit;
    limit.name = "limit_" + std::to_string(i);
    limit.calls = 1 + static_cast<std::int64_t>(random.below(8));
    limit.window = Millis(20'000 + random.below(40'000));
    limit.algorithm = i % 2 == 0 ? Algorithm::sliding_window : Algorithm::gcra;
    limit.burst = static_cast<std::int64_t>(random.below(5));
    limit.without_redis = without_redis;
    limits.push_back(std::move(limit));
  }
  return limits;
}

// A call against one to three of the limits, for one of three subjects.
inline std::vector<Use> some_uses(Random& random, const std::vector<Limit>& limits) {
  std::vector<Use> uses;
  const std::uint64_t first = random.below(limits.size());
  const std::uint64_t count = 1 + random.below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Limit& limit = limits[(first + i) % limits.size()];
    uses.push_back(Use{limit, "subject" + std::to_string(random.below(3))});
  }
  return uses;
}

// Often none or the shortest, often short, often just until the next call would pass or a
// millisecond less, sometimes so long that everything is forgotten.
inline Millis some_pause(Random& random, const Decision& last) {
  switch (random.below(5)) {
    case 0:
      return Millis(random.below(2));
    case 1:
      return Millis(random.below(500));
    case 2:
      return Millis(random.below(15'000));
    case 3:
      return std::max(Millis(0), last.retry_after - Millis(random.below(2)));
    default:
      return Millis(random.below(8) == 0 ? 120'000 : 1'000);
  }
}

inline void expect_same(const Decision& got, const Decision& expected) {
  EXPECT_EQ(got.allowed, expected.allowed);
  EXPECT_EQ(got.limit, expected.limit);
  EXPECT_EQ(got.remaining, expected.remaining);
  EXPECT_EQ(got.retry_after, expected.retry_after);
  EXPECT_EQ(got.reset_after, expected.reset_after);
}

}  // namespace seendr::ratelimit
