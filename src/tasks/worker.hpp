// Takes tasks from queues and runs them: at least once each, also when workers are killed.
//
// A message is claimed when there is room to run it, held under a lease that is renewed while it
// runs, and settled together with all that follows from it. What a dead worker held is found by the
// others within seconds. docs/tasks.md.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/env.hpp"
#include "redis/client.hpp"
#include "runtime/task_group.hpp"
#include "tasks/probe.hpp"
#include "tasks/queues.hpp"
#include "tasks/registry.hpp"
#include "tasks/remote.hpp"
#include "tasks/unacked.hpp"
#include "tasks/wakeup.hpp"

namespace seendr::tasks {

struct WorkQueue {
  std::string name;
  std::size_t concurrency = 0;  // Tasks of it that run at once; zero: the worker's.
  unsigned weight = 1;          // How often it is asked first, against the others; from 1.
};

struct WorkerOptions {
  std::vector<WorkQueue> queues{WorkQueue{"celery"}};
  std::size_t concurrency = 100;  // Tasks that run at once; those of a batch are one.
  Millis drain{10'000};           // After stop(), how long what runs may go on.
  int max_deliveries = 5;         // More workers lost with one message: it is buried.
  QueuesOptions store;
  RemoteOptions remote;  // Without a name, Celery's tools do not see the worker.
};

class Worker {
 public:
  // All must outlive the worker, which is used on the clients' executor. `watching` belongs to it
  // (see Wakeup). `commands` may be shared.
  Worker(const Env& env, redis::Client& commands, redis::Client& watching, const Registry& registry,
         WorkerOptions options = {});
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  // Works until stop() was called and what ran has ended, or, after `drain`, was cancelled and
  // given back to the heads of its queues. When cancelled, gives everything back at once.
  awaitable<void> run();

  // Takes nothing more; makes run() end.
  void stop();

  std::size_t held() const { return jobs_.size(); }  // Messages that it has now.

 private:
  struct Job;
  struct Batch;
  struct Lane;  // What runs and waits of one kind.
  using JobPtr = std::shared_ptr<Job>;
  using SteadyTime = std::chrono::steady_clock::time_point;

  // worker.cpp: the loops.
  awaitable<void> take();
  awaitable<bool> take_some();
  awaitable<void> begin_each(std::vector<JobPtr> jobs);
  std::vector<Source> sources();
  std::size_t room() const;
  awaitable<void> drain();
  void abandon();
  void cancel(Job& job);
  awaitable<void> keep_leases();
  awaitable<void> heal_others();
  awaitable<void> attempt_step(awaitable<void> step);
  awaitable<void> renew();
  awaitable<void> sweep();
  awaitable<void> restore();
  awaitable<void> heal(Delivery delivery);
  Snapshot snapshot() const;

  // worker_jobs.cpp: one message.
  JobPtr hold(Delivery delivery, const Claim& claim);
  void begin(const JobPtr& job);
  awaitable<void> handle(JobPtr job);
  awaitable<Settlement> decide(Job& job);
  awaitable<std::optional<Queues::Marks>> marks_of(Job& job);
  std::optional<Settlement> not_run(Job& job);
  awaitable<bool> wait_turn(Job& job);
  void park(Job& job);
  void unpark(Job& job);
  awaitable<Settlement> attempt(Job& job);
  void begin_attempt(Job& job, Millis limit);
  Settlement end_attempt(Job& job, std::exception_ptr error, json::value value);
  awaitable<void> follow(const Message& message, Settlement& settlement, Time when);
  awaitable<void> settle(Job& job, Settlement settlement);
  void tell(Job& job, const Settlement& settlement);
  void log_failure(const Job& job, Fate fate) const;
  awaitable<void> try_settle(Job& job, Settlement settlement, bool again);
  void finish(const JobPtr& job);
  Time now(const Job& job) const;

  // worker_batches.cpp: messages that are handled together.
  awaitable<Settlement> attempt_in_batch(Job& job);
  void ride(Job& job, const std::shared_ptr<Batch>& batch);
  awaitable<void> lead(Job& first);
  awaitable<void> call_batch(Batch& batch);

  Env env_;
  redis::Client& commands_;
  const Registry& registry_;
  WorkerOptions options_;
  Probe probe_;
  Queues queues_;
  std::optional<Unacked> unacked_;  // With QueuesOptions::visibility.
  Wakeup wakeup_;
  Remote remote_;
  std::map<std::string, std::size_t> queue_of_list_;
  std::map<std::string, JobPtr> jobs_;           // By delivery.
  std::map<std::string, Lane> lanes_;            // By kind.
  std::map<std::string, std::uint64_t> totals_;  // Taken, by kind.
  std::vector<std::size_t> running_;             // By queue; a batch is one.
  std::size_t busy_ = 0;                         // The same of all queues.
  std::size_t parked_ = 0;                       // Wait until fewer of their kind run.
  TaskGroup running_jobs_;
  bool stopping_ = false;
  bool abandoning_ = false;
  SteadyTime timer_due_;          // When to look for due timers.
  std::uint64_t connection_ = 0;  // The connection of `commands_` ...
  SteadyTime connected_at_;       // ... and since when it is there.
  SteadyTime promoted_at_;        // When timers were moved last without room.
  SteadyTime restored_at_;        // When `unacked` was looked at last.
};

}  // namespace seendr::tasks
