#include "runtime/offload.hpp"

namespace seendr {

Offload::Offload(std::size_t threads, std::size_t queue_limit)
    : queue_limit_(queue_limit), pool_(threads) {}

Offload::~Offload() {
  pool_.join();
}

Offload::Waiting::Waiting(Progress& progress)
    : progress_(progress), timer_(progress.executor, Timer::time_point::max()) {
  progress_.done = &timer_;
}

awaitable<void> Offload::Waiting::wait() const {
  const auto [error] = co_await timer_.async_wait(net::as_tuple(use_awaitable));
  if (!progress_.finished) throw system_error(error);  // Cancelled from outside.
}

void Offload::enter() {
  if (++pending_ > queue_limit_) {
    --pending_;
    throw system_error(make_error_code(boost::system::errc::resource_unavailable_try_again),
                       "too much work is waiting");
  }
}

void Offload::post(std::function<void()> work) {
  net::post(pool_, std::move(work));
}

}  // namespace seendr
