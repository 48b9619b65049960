// Something that one coroutine waits for and others say.
#pragma once

#include <utility>

#include "base/env.hpp"
#include "base/error.hpp"
#include "runtime/net.hpp"

namespace seendr::tasks {

// Used on one executor; must outlive the one who waits.
class Signal {
 public:
  explicit Signal(const Executor& executor) : timer_(executor) {}

  void set() {
    set_ = true;
    timer_.cancel();
  }

  // Until set() was called since the last wait, or `limit` is over; returns whether it was.
  awaitable<bool> wait(Millis limit) {
    if (!set_) {
      timer_.expires_after(limit);
      co_await timer_.async_wait(net::as_tuple(use_awaitable));
      const net::cancellation_state cancellation = co_await net::this_coro::cancellation_state;
      if (cancellation.cancelled() != net::cancellation_type::none) {
        throw system_error(net::error::operation_aborted);
      }
    }
    co_return std::exchange(set_, false);
  }

 private:
  Timer timer_;
  bool set_ = false;
};

}  // namespace seendr::tasks
