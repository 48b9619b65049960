// Enqueues the entries of a schedule when they are due. Any number may run; one is elected.
//
// The elected one renews a lease in Redis. When it dies the others notice, and one goes on where it
// ended: no instant is enqueued twice, and none is left out that is late by less than kOnTime.
// What is guaranteed, and the keys: docs/schedule.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/env.hpp"
#include "redis/client.hpp"
#include "tasks/schedule.hpp"
#include "tasks/schedule_store.hpp"

namespace seendr::tasks {

struct SchedulerOptions {
  Millis lease{3000};  // So long after the elected one died another one goes on.
  Millis renew{1000};  // How often the lease is renewed; less than half of it.
  ScheduleStoreOptions store = {};
};

class Scheduler {
 public:
  // `redis` must outlive the scheduler, which is used on its executor. Requires: problem_of() has
  // nothing against the entries.
  Scheduler(const Env& env, redis::Client& redis, std::vector<Entry> entries,
            SchedulerOptions options = {});

  // Works until cancelled, whatever becomes of Redis. Then resign() lets another one go on at once.
  awaitable<void> run();

  // One round of run(): takes or renews the lease and, if elected, enqueues what is due. Returns
  // how long to wait before the next. Throws system_error when Redis fails: then a round more finds
  // out what happened.
  awaitable<Millis> step();

  // Gives up the lease, if there is one. Requires: run() has ended. Throws as step().
  awaitable<void> resign();

  bool elected() const { return token_ != 0; }

 private:
  // What is known of an entry while elected.
  struct Plan {
    std::string stored;  // What Redis holds.
    Instant settled{};
    Instant next{};  // When to look again.
  };

  awaitable<void> begin(Term term);
  awaitable<void> look(std::size_t index, Instant now);
  std::vector<std::string> gone_from(std::map<std::string, std::string> settled, Instant now) const;
  Plan first_plan(const std::string& name, const std::string& stored, Instant now) const;
  std::string envelope_of(const Entry& entry, Instant instant, Instant now) const;
  void count(const Entry& entry, const Due& due);
  void lose();

  Env env_;
  ScheduleStore store_;
  const std::vector<Entry> entries_;
  SchedulerOptions options_;
  std::int64_t token_ = 0;   // 0: not elected.
  std::vector<Plan> plans_;  // One an entry.
  Gauge& elected_;
  Counter& enqueued_;
  Counter& missed_;
};

}  // namespace seendr::tasks
