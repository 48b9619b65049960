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

  // How long the tasks of the worker waited, in microseconds, after it has ended by SIGTERM. Throws
  // runtime_error with its last words when it does not end, or had ended before.
  awaitable<std::vector<double>> stop_worker(ChildProcess worker);

 private:
  std::vector<std::string> variables(Millis duration) const;
  std::string last_words() const;

  CeleryOptions options_;
};

}  // namespace seendr::lab
