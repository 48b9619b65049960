// What schedulers share in Redis: who is elected, and up to when each entry is settled.
//
// An entry is settled and its messages are enqueued in one step, which is refused when somebody
// else was elected or settled the entry before. So it may be tried again whatever became of the
// first try.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/env.hpp"
#include "redis/client.hpp"
#include "redis/script.hpp"
#include "tasks/schedule.hpp"

namespace seendr::tasks {

struct ScheduleStoreOptions {
  std::size_t queue_limit = 1'000'000;  // Of messages in one list.
  const Clock* clock = nullptr;         // Its wall() instead of Redis' time; for tests only.
};

struct Term {
  std::int64_t token = 0;  // 0: another scheduler is elected. Greater with each one elected.
  Instant now{};           // By the clock of Redis.
  Millis left{0};          // Until the lease ends, whoever has it.
};

// What becomes of one entry.
struct Settling {
  std::string entry;
  std::string before;  // What is stored now; empty: nothing.
  std::string after;
  std::string queue;
  std::vector<std::string> envelopes = {};
};

enum class Settled : std::uint8_t {
  done,
  stale,  // Another one was elected, or `before` is not what is stored: read again.
  full,   // The queue is, and nothing happened.
};

class ScheduleStore {
 public:
  // The client, and the clock if there is one, must outlive the store. Used on the client's
  // executor; each call throws system_error when Redis fails.
  ScheduleStore(const Env& env, redis::Client& redis, ScheduleStoreOptions options);

  // Takes or renews the lease, if nobody else has it.
  awaitable<Term> elect(Millis lease);

  // Lets another one be elected at once.
  awaitable<void> resign();

  // By entry, the text that was stored.
  awaitable<std::map<std::string, std::string>> settled();

  awaitable<Settled> settle(std::int64_t token, Settling settling);

  // Removes what is stored of these, at most some thousands, unless another one was elected.
  awaitable<void> forget(std::int64_t token, std::vector<std::string> entries);

 private:
  std::int64_t now_ms() const;

  redis::Client& redis_;
  ScheduleStoreOptions options_;
  std::string owner_;
  redis::Script elect_;
  redis::Script fire_;
  redis::Script forget_;
};

}  // namespace seendr::tasks
