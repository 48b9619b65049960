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

  // Gives back, marked as redelivered, what is too old in one of the queues, the oldest to be taken
  // first; of all queues up to 10,000 messages are looked at. Returns how many.
  awaitable<std::size_t> restore();

 private:
  awaitable<std::int64_t> restore_one(std::string tag, std::string text, std::string until);

  redis::Client& redis_;
  Millis visibility_;
  std::vector<std::string> queues_;
  redis::Script restore_;
};

}  // namespace seendr::tasks
