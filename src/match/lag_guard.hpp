// How far the replica is behind Redis: the time from sending a beat to reading it in the log. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "base/env.hpp"

namespace seendr::match {

// Times are milliseconds of any clock that does not go back.
class LagGuard {
 public:
  LagGuard(Millis stop, Millis go) : stop_(stop), go_(go) {}

  void sent(std::int64_t now_ms) { sent_ms_ = now_ms; }
  void failed() { sent_ms_.reset(); }
  bool is_waiting() const { return sent_ms_.has_value(); }

  // The beat was read in the log.
  void read(std::int64_t now_ms) {
    if (!sent_ms_) return;
    last_ = Millis(now_ms - *sent_ms_);
    sent_ms_.reset();
    if (last_ > stop_ && !stopped_at_ms_) stopped_at_ms_ = now_ms;
    if (last_ < go_) stopped_at_ms_.reset();
  }

  // Whether the replica is too old to choose from; stays so until a beat comes back quickly.
  bool is_stopped(std::int64_t now_ms) {
    if (sent_ms_ && now_ms - *sent_ms_ > stop_.count() && !stopped_at_ms_) stopped_at_ms_ = now_ms;
    return stopped_at_ms_.has_value();
  }

  Millis stopped_for(std::int64_t now_ms) const {
    return Millis(stopped_at_ms_ ? now_ms - *stopped_at_ms_ : 0);
  }

  Millis last() const { return last_; }

 private:
  Millis stop_;
  Millis go_;
  Millis last_{0};
  std::optional<std::int64_t> sent_ms_;
  std::optional<std::int64_t> stopped_at_ms_;
};

}  // namespace seendr::match
