// Tasks for a worker, of Seendr's or Celery's, and what one sees of it in Redis.
#pragma once

#include <cstddef>
#include <string>

#include "base/env.hpp"
#include "lab/rate.hpp"
#include "redis/client.hpp"
#include "runtime/net.hpp"
#include "tasks/client.hpp"

namespace seendr::lab {

// "bench.nothing" does nothing. "bench.stamp" notes how long it waited: its argument is the
// steady clock, in microseconds, when it was enqueued. Nobody wants their results.
inline constexpr const char* kNothingTask = "bench.nothing";
inline constexpr const char* kStampTask = "bench.stamp";

class TaskLoad {
 public:
  // Used on the client's executor, and in the queue "celery" of its database. The client must
  // outlive this.
  TaskLoad(const Env& env, redis::Client& redis);

  // Enqueues one that does nothing. Throws runtime_error when it is refused.
  awaitable<void> enqueue_nothing();

  // Many of them.
  awaitable<void> fill(std::size_t count);

  // Until none of `count` waits or is held any more, from when the first was taken. Throws
  // runtime_error when that takes longer than `limit`.
  awaitable<Rate> wait_done(std::size_t count, Millis limit);

  // Enqueues stamps at a steady rate, as if by many callers who know nothing of each other. Returns
  // what it got done.
  awaitable<Rate> enqueue_stamps(double per_second, Millis duration);

  awaitable<void> clear();

 private:
  struct Pace;

  awaitable<std::size_t> left();
  awaitable<void> fill_some(std::size_t& left);
  awaitable<void> follow(Pace& pace);
  awaitable<void> enqueue(tasks::Task task);

  redis::Client& redis_;
  tasks::Client client_;
};

}  // namespace seendr::lab
