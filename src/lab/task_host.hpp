// A worker on a thread of its own, with the tasks of a benchmark.
#pragma once

#include <memory>
#include <vector>

#include "base/env.hpp"
#include "redis/url.hpp"

namespace seendr::lab {

class TaskHost {
 public:
  // Works from now on, with the options a worker has by default. `env` must outlive it.
  TaskHost(const Env& env, redis::Url url);
  TaskHost(const TaskHost&) = delete;
  TaskHost& operator=(const TaskHost&) = delete;
  ~TaskHost();

  // Ends it; returns how long the tasks waited that noted it, in microseconds. Blocks. Throws what
  // the worker threw.
  std::vector<double> stop();

 private:
  struct Parts;

  std::unique_ptr<Parts> parts_;
};

}  // namespace seendr::lab
