// One message that a worker holds. For the worker's own files.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "tasks/context.hpp"
#include "tasks/signal.hpp"
#include "tasks/worker.hpp"

namespace seendr::tasks {

struct Worker::Job {
  Job(const Executor& executor, Delivery held) : delivery(std::move(held)), turn(executor) {}

  Delivery delivery;
  std::size_t queue = 0;  // Which of the worker's.
  std::optional<Message> message;
  error_code unreadable;  // Why there is no message.
  const Kind* kind = nullptr;
  std::optional<TaskContext> context;
  Time claimed;           // By Redis' clock ...
  SteadyTime claimed_at;  // ... and by ours.
  bool any_revoked = false;
  double started_s = 0;  // Unix time at which its attempt began.
  double ran_s = 0;      // How long that took.

  bool parked = false;     // Waits until fewer of its kind run.
  bool in_lane = false;    // Counts as running among its kind.
  bool revoked = false;    // Told while it ran.
  bool lost = false;       // Somebody else has the message.
  bool abandoned = false;  // To be given back.
  Signal turn;             // Its turn has come, or it is abandoned or lost.
  net::cancellation_signal stop;
};

struct Worker::Lane {
  std::size_t running = 0;
  std::deque<JobPtr> parked;
};

}  // namespace seendr::tasks
