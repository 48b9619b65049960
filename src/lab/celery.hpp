// Celery as a rival: what enqueues with it, and a worker of it, as child processes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/env.hpp"
#include "runtime/child_process.hpp"
#include "runtime/net.hpp"

namespace seendr::lab {

struct CeleryOptions {
  std::string socket;  // Of the Redis.
  int database = 1;
  std::string folder;  // Where files are put; the caller's to remove.
  std::string python;  // An interpreter; empty: the distribution's, or else the first of PATH.
};

class Celery {
 public:
  // Puts the application into the folder. Throws runtime_error when there is no Python.
  explicit Celery(CeleryOptions options);

  // How many tasks one caller enqueues a second. Throws runtime_error when Celery, or what it needs
  // for Redis, is not installed or does not work.
  awaitable<double> enqueue_rate(Millis duration);

  // "prefork" with that many processes, or "solo".
  ChildProcess start_worker(std::string pool, int processes);

  // Until a worker has run `count` tasks that note how long they waited. What Redis shows is no
  // proof of that: Celery takes a task before it notes that it holds it, and acknowledges it before
  // it runs. Throws runtime_error when it takes longer than `limit`.
  awaitable<void> wait_noted(std::size_t count, Millis limit);

  // Kills the worker; returns how long its tasks waited, in microseconds. (A SIGTERM would not
  // always end it: the pool of 5.2 locks up when it comes while a result is being noted.) Throws
  // runtime_error with its last words when it had ended before.
  std::vector<double> stop_worker(ChildProcess worker);

 private:
  std::vector<std::string> variables(Millis duration) const;
  std::string last_words() const;

  CeleryOptions options_;
};

}  // namespace seendr::lab
