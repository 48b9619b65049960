#include "ratelimit/local_limiter.hpp"

#include <algorithm>
#include <cassert>

#include "ratelimit/keys.hpp"

namespace seendr::ratelimit {

// What follows computes as acquire.lua does; a property test compares both with a plain reference.

Verdict LocalLimiter::look(const Use& use, std::int64_t now_us) {
  const Terms terms = terms_of(use.limit);
  const auto found = by_key_.find(limit_key(use));
  if (found == by_key_.end()) return Verdict{terms.count, 0, 0};
  std::deque<std::int64_t>& times = found->second->times;

  if (use.limit.algorithm == Algorithm::gcra) {
    const std::int64_t ahead = std::max<std::int64_t>(0, times.front() - now_us);
    const std::int64_t left = (terms.count * terms.span_us - ahead) / terms.span_us;
    if (left > 0) return Verdict{left, 0, ahead};
    return Verdict{0, ahead - (terms.count - 1) * terms.span_us, ahead};
  }
  while (!times.empty() && times.front() <= now_us - terms.span_us) {
    times.pop_front();
    --size_;
  }
  const auto length = static_cast<std::int64_t>(times.size());
  const std::int64_t reset = times.empty() ? 0 : times.back() + terms.span_us - now_us;
  if (length < terms.count) return Verdict{terms.count - length, 0, reset};
  const std::int64_t leaves = times[static_cast<std::size_t>(length - terms.count)];
  return Verdict{0, leaves + terms.span_us - now_us, reset};
}

Verdict LocalLimiter::take(const Use& use, std::int64_t now_us) {
  const Verdict before = look(use, now_us);
  assert(before.left > 0);
  const Terms terms = terms_of(use.limit);
  std::deque<std::int64_t>& times = times_of(use);
  Verdict after{before.left - 1, 0, terms.span_us};
  if (use.limit.algorithm == Algorithm::gcra) {
    const std::int64_t paid_off = times.empty() ? now_us : std::max(now_us, times.front());
    size_ -= times.size();
    times.assign(1, paid_off + terms.span_us);
    after.reset_us = times.front() - now_us;
  } else {
    times.push_back(now_us);
  }
  ++size_;
  make_room();
  return after;
}

// Puts the subject in front; makes it when it is new.
std::deque<std::int64_t>& LocalLimiter::times_of(const Use& use) {
  const std::string key = limit_key(use);
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    subjects_.splice(subjects_.begin(), subjects_, found->second);
  } else {
    subjects_.push_front(Subject{key, {}});
    by_key_[key] = subjects_.begin();
    ++size_;
  }
  return subjects_.front().times;
}

void LocalLimiter::make_room() {
  while (size_ > capacity_ && subjects_.size() > 1) {
    const Subject& oldest = subjects_.back();
    size_ -= 1 + oldest.times.size();
    by_key_.erase(oldest.key);
    subjects_.pop_back();
  }
}

}  // namespace seendr::ratelimit
