// Tells a worker when a message arrived in one of its lists, whoever wrote it.
//
// The lists are looked at on a connection that Redis tells of changes (CLIENT TRACKING), so that
// waiting takes nothing from them and asks for nothing again and again:
// docs/adr/0010-tasks-are-held-under-leases.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/env.hpp"
#include "redis/client.hpp"
#include "redis/invalidations.hpp"
#include "tasks/signal.hpp"

namespace seendr::tasks {

class Wakeup {
 public:
  // `watching` must outlive this and belongs to it: Redis tells of changes of all that it reads.
  Wakeup(const Env& env, redis::Client& watching);

  // Hears of changes, until cancelled.
  awaitable<void> run();

  // Whether one of the lists has messages, or there is a timer before the first one that the caller
  // knows. When not, the next change of one of them, or of the timers, ends wait().
  awaitable<bool> look(std::vector<std::string> lists, std::optional<std::int64_t> known_timer_ms);

  // Until something changed, wake() was called, or `limit` is over.
  awaitable<void> wait(Millis limit);
  void wake() { signal_.set(); }

 private:
  redis::Client& watching_;
  Signal signal_;
  redis::Invalidations changes_;
};

}  // namespace seendr::tasks
