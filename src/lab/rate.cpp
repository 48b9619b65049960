#include "lab/rate.hpp"

#include "runtime/task_group.hpp"

namespace seendr::lab {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Some operations never wait: the event loop has its turn after so many of them.
constexpr std::size_t kTurn = 256;

struct RateWork {
  Operation operation;
  SteadyClock::time_point end;
  std::size_t done = 0;
};

awaitable<void> work_until_the_end(RateWork& work) {
  const Executor executor = co_await net::this_coro::executor;
  while (SteadyClock::now() < work.end) {
    co_await work.operation();
    ++work.done;
    if (work.done % kTurn == 0) {
      co_await net::post(executor, use_awaitable);
    }
  }
}

}  // namespace

awaitable<Rate> measure_rate(std::size_t workers, Millis duration, Operation operation) {
  RateWork work{std::move(operation), {}, 0};
  co_await work.operation();
  const auto start = SteadyClock::now();
  work.end = start + duration;
  std::exception_ptr failure;
  const Executor executor = co_await net::this_coro::executor;
  TaskGroup group(executor, [&failure](const std::string&, std::exception_ptr error) {
    if (!failure) failure = error;
  });
  for (std::size_t i = 0; i < workers; ++i) group.spawn("worker", work_until_the_end(work));
  co_await group.join();
  if (failure) std::rethrow_exception(failure);
  Rate rate;
  rate.count = work.done;
  rate.seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
  co_return rate;
}

}  // namespace seendr::lab
