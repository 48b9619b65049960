// `seendr bench tasks`: what the task queue gets done in a second beside Celery, and how long a
// task waits in it, on one Redis and in one run.
//
// The size in a name is, of enqueue, how many callers there are at once, each of whom waits for the
// answer; of execute, how many tasks wait when the worker starts; of latency, at how many percent
// of what the same worker executed the tasks come, and of latency_same, of what Celery's did.
// Celery's worker has as many processes as the machine has cores, in one run, and in another none
// ("solo").
#pragma once

#include <cstddef>
#include <string>

#include "base/env.hpp"
#include "runtime/net.hpp"

namespace seendr::lab {

struct BenchTasksOptions {
  std::string socket;          // Of a Redis that may be filled, and is emptied.
  std::string folder;          // Where Celery's application is put.
  std::string python;          // An interpreter; empty: the distribution's.
  std::size_t tasks = 20'000;  // That each worker executes.
  Millis duration{3000};       // Of each other measurement.
  bool json = false;           // One object a measurement on stdout, instead of a table.
};

// Prints the measurements. Returns 0. Throws system_error or runtime_error when something does not
// work, above all when there is no Celery.
awaitable<int> run_bench_tasks(const Env& env, BenchTasksOptions options);

}  // namespace seendr::lab
