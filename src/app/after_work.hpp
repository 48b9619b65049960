// Work that a request leaves behind and does not wait for: on the request's event loop, a bounded
// number at once.
#pragma once

#include <string>

#include "base/env.hpp"
#include "runtime/task_group.hpp"

namespace seendr::app {

class AfterWork {
 public:
  // At most `most` at once. What fails is logged.
  AfterWork(const Env& env, Executor executor, std::size_t most = 256);

  // On the executor. False when too much is under way, or close() was called: `work` is dropped,
  // which is logged.
  bool start(std::string name, awaitable<void> work);

  // Lets what is under way end within `limit`, then cancels the rest. Once, before it is destroyed.
  awaitable<void> close(Millis limit);

 private:
  Env env_;
  std::size_t most_;
  bool closed_ = false;
  TaskGroup tasks_;
};

}  // namespace seendr::app
