// Heals what a dead worker of Celery's held, in queues that both sides serve.
//
// Such a worker notes what it takes in the hash `unacked` and, with the time, in the set
// `unacked_index`, until it has acknowledged it. Each worker of the database restores what is older
// than its visibility_timeout; so does this. Format: kombu's transport.redis.
#pragma once

#include <string>
#include <vector>

#include "base/env.hpp"
#include "redis/client.hpp"
#include "redis/script.hpp"

namespace seendr::tasks {

class Unacked {
 public:
  // The client must outlive this, and is used on its executor. `visibility`: that of Celery's
  // workers; a task of theirs that takes longer runs twice, as with Celery alone.
  Unacked(redis::Client& redis, Millis visibility, std::vector<std::string> queues);

  // Gives back, marked as redelivered, what is too old in one of the queues; up to 1000 messages,
  // the oldest to be taken first. Returns how many.
  awaitable<std::size_t> restore();

 private:
  redis::Client& redis_;
  Millis visibility_;
  std::vector<std::string> queues_;
  redis::Script restore_;
};

}  // namespace seendr::tasks
