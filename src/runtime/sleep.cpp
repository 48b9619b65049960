#include "runtime/sleep.hpp"

namespace seendr {

awaitable<void> sleep_for(std::chrono::milliseconds time) {
  const Executor executor = co_await net::this_coro::executor;
  Timer timer(executor, time);
  co_await timer.async_wait(use_awaitable);
}

}  // namespace seendr
