// Messages that nobody will run: failed for good, unknown, unreadable, or the end of their workers.
//
// They are kept until somebody decides; when there are too many, the oldest go
// (QueuesOptions::max_dead).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "redis/client.hpp"
#include "redis/script.hpp"

namespace seendr::tasks {

struct DeadLetter {
  std::string name;            // What the calls below take.
  std::int64_t buried_ms = 0;  // Unix time of Redis.
  std::string reason;          // "failed", "unknown_task", "malformed", "lost_workers"
  std::string exception;       // "ValueError: boom, 42"
  std::string task;            // Empty when it could not be read.
  std::string id;
  std::string list;  // Where it was taken from.
  std::string envelope;
};

class DeadLetters {
 public:
  explicit DeadLetters(redis::Client& redis);  // Must outlive this; used on its executor.

  awaitable<std::size_t> count();

  // The newest first, `limit` of them behind the first `skip`.
  awaitable<std::vector<DeadLetter>> list(std::size_t limit, std::size_t skip = 0);

  awaitable<std::optional<DeadLetter>> show(std::string name);

  // Back to its queue, behind what waits there, as if it had never been tried. False when there is
  // no such letter (any more).
  awaitable<bool> replay(std::string name);

  awaitable<bool> discard(std::string name);

  // All of them; returns how many there were.
  awaitable<std::size_t> purge();

 private:
  redis::Client& redis_;
  redis::Script replay_;
};

}  // namespace seendr::tasks
