// One message that a worker holds. For the worker's own files.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/timeout.hpp"
#include "tasks/context.hpp"
#include "tasks/signal.hpp"
#include "tasks/worker.hpp"

namespace seendr::tasks {

// What each of Celery's events about a task begins with.
inline json::object event_of(const Message& message) {
  json::object event;
  event["uuid"] = message.id;
  return event;
}

struct Worker::Job {
  Job(const Executor& executor, Delivery held) : delivery(std::move(held)), turn(executor) {}

  bool wanted() const { return !abandoned && !lost; }
  bool waits() const;  // Has not begun.

  Delivery delivery;
  std::size_t queue = 0;  // Which of the worker's.
  std::optional<Message> message;
  error_code unreadable;  // Why there is no message.
  const Kind* kind = nullptr;
  std::optional<TaskContext> context;
  std::shared_ptr<Batch> batch;  // That it is handled in.
  Time claimed;                  // By Redis' clock ...
  SteadyTime claimed_at;         // ... and by ours.
  bool any_revoked = false;
  Millis limit{0};       // Of its attempt; zero: none.
  SteadyTime began;      // When that began, ...
  double started_s = 0;  // ... in Unix time, ...
  double ran_s = 0;      // ... and how long it took.

  bool parked = false;     // Waits until fewer of its kind run.
  bool in_lane = false;    // Counts as running among its kind.
  bool riding = false;     // Counts as part of the first of its batch.
  bool revoked = false;    // Told while it was held.
  bool settling = false;   // Has ended; its settlement is under way, or was, unanswered.
  bool lost = false;       // Somebody else has the message.
  bool abandoned = false;  // To be given back.
  Signal turn;             // Something that it waits for has come.
  net::cancellation_signal stop;
};

// Messages that are handled by one call. The first waits for the others and for its turn, and makes
// the call; also when that one is lost meanwhile.
struct Worker::Batch {
  bool wanted() const {
    for (const JobPtr& job : jobs) {
      if (job->wanted()) return true;
    }
    return false;
  }

  std::vector<JobPtr> jobs;  // At least one.
  bool begun = false;
  bool done = false;
  std::exception_ptr error;  // What the call threw.
};

inline bool Worker::Job::waits() const {
  return parked || (batch && !batch->begun);
}

struct Worker::Lane {
  std::size_t running = 0;
  std::deque<JobPtr> parked;
  std::shared_ptr<Batch> open;  // That takes more messages.
};

// What an attempt may take; zero: no limit.
Millis limit_of(const Message& message, const KindOptions& options);

// Runs a handler so that it can be cancelled alone.
template <class T>
awaitable<T> run_apart(awaitable<T> work, Millis limit, net::cancellation_signal& stop) {
  if (limit > Millis(0)) work = with_timeout(std::move(work), limit);
  const Executor executor = co_await net::this_coro::executor;
  co_return co_await net::co_spawn(executor, std::move(work),
                                   net::bind_cancellation_slot(stop.slot(), use_awaitable));
}

}  // namespace seendr::tasks
