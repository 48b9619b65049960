// The queues in Redis as workers use them: claim, renew, settle, sweep, promote.
//
// What a worker takes is held in one place with a lease, until it is settled: nothing is only in a
// worker's memory. A delivery is named by its holder; who finds its lease ended takes it over under
// another name, so that the one who lost it can neither renew nor settle it. All times are Redis'.
// Keys: docs/redis-keys.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/env.hpp"
#include "redis/client.hpp"
#include "redis/script.hpp"
#include "tasks/iso_time.hpp"
#include "tasks/result_format.hpp"

namespace seendr::tasks {

struct QueuesOptions {
  Millis lease{3000};                // Of a delivery, unless renewed.
  Millis result_ttl{86'400'000};     // Life of a result.
  std::size_t max_dead = 10'000;     // Dead letters kept; the oldest go.
  std::size_t sweep_limit = 1000;    // Deliveries taken over at once.
  std::size_t promote_limit = 1000;  // Timers moved at once.
  Millis revoked_ttl{10'800'000};    // How long a revocation is known, as in Celery.

  // More than zero: the queues are shared with Celery's workers, whose visibility_timeout this is.
  // Then they can restore what is held here, after that time without a renewal, and see unacked.hpp
  // for the other direction.
  Millis visibility{0};
};

// A message that the caller holds.
struct Delivery {
  std::string name;
  std::string list;  // Where it was taken from.
  std::string envelope;
};

struct Claim {
  Time time;                                  // Redis' clock when it was taken.
  bool any_revoked = false;                   // Some task, of any queue, is revoked.
  std::optional<std::int64_t> next_timer_ms;  // When the first is due.
  std::vector<Delivery> deliveries;
};

// Where to take from, in this order within each step of priority.
struct Source {
  std::string queue;
  std::size_t room = 0;  // How many it may give.
};

// Something to enqueue when a delivery is settled.
struct Outgoing {
  std::string list;
  std::string envelope;
  std::string chord = {};  // One of Settlement::chords: only for the first who completes it.
};

enum class Fate : std::uint8_t {
  ack,    // Done with.
  back,   // To the head of its list.
  later,  // Into the timers, until due_ms.
  bury,   // To the dead letters.
};

struct Settlement {
  Fate fate = Fate::ack;
  std::string envelope = {};  // With all but ack: what is kept of it.
  std::int64_t due_ms = 0;    // later: Redis' time.
  std::string reason = {};    // bury: JSON, in one line.
  std::string task_id = {};   // Of the result and the done-marker.
  std::string result = {};    // Empty: none is stored.
  Millis done_ttl{0};         // Zero: no done-marker.
  std::vector<Outgoing> next = {};
  std::vector<std::pair<std::string, std::string>> stored = {};  // Keys, and what they get.
  std::vector<std::string> chords = {};  // Groups that are complete, and forgotten, with it.

  // How the task ended, for what follows from it; pending: it did not.
  State ended = State::pending;
  json::value value = {};
  std::optional<Failure> failure = {};
};

// What became of a settlement.
enum class Verdict : std::uint8_t {
  counts,
  taken,  // Nothing happened: somebody else took the delivery over.
  gone,   // Nothing happened: it was settled before, or Redis has forgotten it.
};

enum class Renewal : std::uint8_t { lost, renewed, revoked };

class Queues {
 public:
  // The client must outlive this, and is used on its executor.
  Queues(const Env& env, redis::Client& redis, QueuesOptions options);

  // At most `limit` messages of all sources.
  awaitable<Claim> claim(std::vector<Source> sources, std::size_t limit);

  // `task_ids`: one for each delivery.
  awaitable<std::vector<Renewal>> renew(std::vector<std::string> deliveries,
                                        std::vector<std::string> task_ids);

  // A settlement whose answer was lost may be sent again: `gone` says that it counted. Of the
  // delivery, name and list matter.
  awaitable<Verdict> settle(Delivery delivery, Settlement settlement);

  // Stores an unfinished state; false when the delivery is not the caller's any more.
  awaitable<bool> report(std::string delivery, std::string task_id, std::string result);

  // Takes over what others hold beyond their lease; oldest first. To be called every third of a
  // lease: when nobody did for three fifths, nothing is taken over for the next third.
  awaitable<std::vector<Delivery>> sweep();

  // Moves due timers to their lists; returns how many.
  awaitable<std::size_t> promote();

  // Notes revocations that others told of.
  awaitable<void> revoke(std::vector<std::string> task_ids);

  // Fills a place in a chord of Celery's (canvas.hpp). Returns what all parts left, in order, when
  // none is missing; else nothing.
  awaitable<std::vector<std::string>> join(std::string group, std::string index, std::string part);

  // Of these tasks, which are revoked and which have a done-marker.
  struct Marks {
    std::vector<bool> revoked;
    std::vector<bool> done;
  };
  awaitable<Marks> marks(std::vector<std::string> task_ids);

  const QueuesOptions& options() const { return options_; }
  const std::string& owner() const { return owner_; }

 private:
  std::vector<Delivery> named(std::uint64_t first, const std::vector<redis::Reply>& parts,
                              std::size_t from) const;

  redis::Client& redis_;
  QueuesOptions options_;
  std::string owner_;  // Random: the front of the names of deliveries.
  std::uint64_t number_ = 0;
  redis::Script claim_;
  redis::Script renew_;
  redis::Script settle_;
  redis::Script report_;
  redis::Script sweep_;
  redis::Script promote_;
  redis::Script revoke_;
  redis::Script join_;
};

}  // namespace seendr::tasks
