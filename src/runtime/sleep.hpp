// Waiting in a coroutine, and running one on another thread's executor.
#pragma once

#include <chrono>

#include "runtime/net.hpp"

namespace seendr {

// Completes after `time`. Throws operation_aborted when cancelled.
awaitable<void> sleep_for(std::chrono::milliseconds time);

// Runs `work` on `executor`, which may belong to another thread, and completes on the caller's.
// The other thread lets go of the caller's event loop a moment after the caller has its answer:
// join that thread before the loop is destroyed.
template <class T>
awaitable<T> call_on(Executor executor, awaitable<T> work) {
  co_return co_await net::co_spawn(executor, std::move(work), use_awaitable);
}

}  // namespace seendr
