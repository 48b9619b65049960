// At most N frames in any window of W, for one connection: exact, in memory.
#pragma once

#include <cstdint>
#include <deque>

#include "app/settings/settings.hpp"

namespace seendr::app {

class FrameLimit {
 public:
  explicit FrameLimit(LimitSetting limit) : limit_(limit) {}

  // 0 when the frame may pass; else how long to wait, in milliseconds. `now_ms` never goes back.
  std::int64_t wait_ms(std::int64_t now_ms) {
    if (limit_.off) return 0;
    const std::int64_t window = limit_.window.count();
    while (!passed_.empty() && passed_.front() <= now_ms - window) passed_.pop_front();
    if (passed_.size() < static_cast<std::size_t>(limit_.calls)) {
      passed_.push_back(now_ms);
      return 0;
    }
    return passed_.front() + window - now_ms;
  }

 private:
  LimitSetting limit_;
  std::deque<std::int64_t> passed_;
};

}  // namespace seendr::app
