// What a worker does with messages that are handled together.
#include <algorithm>

#include "tasks/outcome.hpp"
#include "tasks/worker.hpp"
#include "tasks/worker_job.hpp"

namespace seendr::tasks {

// Joins the open batch of its kind, or opens one.
awaitable<Settlement> Worker::attempt_in_batch(Job& job) {
  Lane& lane = lanes_[job.kind->name];
  const bool first = !lane.open;
  if (first) lane.open = std::make_shared<Batch>();
  const std::shared_ptr<Batch> batch = lane.open;
  job.batch = batch;
  batch->jobs.push_back(jobs_.at(job.delivery.name));
  if (!first) ride(job, batch);
  if (batch->jobs.size() >= job.kind->batch.max) {
    lane.open.reset();
    batch->jobs.front()->turn.set();
  }
  if (first) {
    co_await lead(job);
  } else {
    while (!batch->done) {
      co_await job.turn.wait(Millis(60'000));
    }
  }
  if (job.context) co_return end_attempt(job, batch->error, nullptr);
  std::optional<Settlement> settlement = not_run(job);
  if (!settlement) settlement = returned(job.delivery.envelope);
  co_return std::move(*settlement);
}

// Of a batch, the first alone takes room.
void Worker::ride(Job& job, const std::shared_ptr<Batch>& batch) {
  job.riding = true;
  --busy_;
  --running_[job.queue];
  if (batch->jobs.front()->parked) ++parked_;
  wakeup_.wake();
}

awaitable<void> Worker::lead(Job& first) {
  const std::shared_ptr<Batch> batch = first.batch;
  Lane& lane = lanes_[first.kind->name];
  try {
    const auto until = env_.clock.now() + first.kind->batch.wait;
    while (lane.open == batch && !stopping_ && batch->wanted()) {
      const auto left = std::chrono::ceil<Millis>(until - env_.clock.now());
      if (left <= Millis(0)) break;
      co_await first.turn.wait(left);
    }
    const bool has_turn = co_await wait_turn(first);  // It may grow meanwhile.
    if (lane.open == batch) lane.open.reset();
    if (has_turn) {
      co_await call_batch(*batch);
    }
  } catch (...) {
    batch->error = std::current_exception();
  }
  if (lane.open == batch) lane.open.reset();
  batch->done = true;
  for (const JobPtr& job : batch->jobs) job->turn.set();
}

awaitable<void> Worker::call_batch(Batch& batch) {
  batch.begun = true;
  Job& first = *batch.jobs.front();
  std::vector<Job*> jobs;
  Millis limit{0};
  for (const JobPtr& job : batch.jobs) {
    const bool runs = !not_run(*job).has_value();
    if (!runs) continue;
    const Millis own = limit_of(*job->message, job->kind->options);
    if (own > Millis(0)) limit = limit > Millis(0) ? std::min(limit, own) : own;
    jobs.push_back(job.get());
  }
  std::vector<TaskContext*> contexts;
  for (Job* job : jobs) {
    begin_attempt(*job, limit);
    contexts.push_back(&*job->context);
  }
  if (contexts.empty()) co_return;
  awaitable<void> work = first.kind->batch_handler(contexts);
  co_await run_apart(std::move(work), limit, first.stop);
}

}  // namespace seendr::tasks
