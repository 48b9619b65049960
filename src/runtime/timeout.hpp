// A limit on how long a coroutine may take.
#pragma once

#include <chrono>
#include <tuple>

#include "base/error.hpp"
#include "runtime/net.hpp"

namespace seendr {

// Runs `work`; cancels it and throws timed_out when it takes longer than `limit`.
template <class T>
awaitable<T> with_timeout(awaitable<T> work, std::chrono::milliseconds limit) {
  const Executor executor = co_await net::this_coro::executor;
  Timer timer(executor, limit);
  auto race = net::experimental::make_parallel_group(
      net::co_spawn(executor, std::move(work), net::deferred), timer.async_wait(net::deferred));
  auto outcome = co_await race.async_wait(net::experimental::wait_for_one(), use_awaitable);
  if (std::get<0>(outcome)[0] == 1) {
    throw system_error(make_error_code(boost::system::errc::timed_out));
  }
  if (std::exception_ptr error = std::get<1>(outcome)) std::rethrow_exception(error);
  if constexpr (!std::is_void_v<T>) co_return std::get<2>(std::move(outcome));
}

}  // namespace seendr
