// What a worker does with one message.
#include "runtime/backoff.hpp"
#include "runtime/sleep.hpp"
#include "tasks/json_text.hpp"
#include "tasks/keys.hpp"
#include "tasks/outcome.hpp"
#include "tasks/worker.hpp"
#include "tasks/worker_job.hpp"

namespace seendr::tasks {

namespace {

// Takes some seconds; after that the task comes back as one of a lost worker does.
constexpr int kMarksTries = 8;

double unix_seconds(const Clock& clock) {
  return static_cast<double>(clock.wall_ms()) / 1000;
}

// The fields of the event "task-received".
json::object received(const Message& message) {
  json::object event = event_of(message);
  event["name"] = message.task;
  event["args"] = display(message.args);
  event["kwargs"] = display(message.kwargs);
  event["root_id"] = message.root_id.empty() ? message.id : message.root_id;
  event["parent_id"] =
      message.parent_id.empty() ? json::value(nullptr) : json::value(message.parent_id);
  event["retries"] = message.retries;
  event["eta"] = message.eta ? json::value(to_iso(*message.eta)) : json::value(nullptr);
  event["expires"] = message.expires ? json::value(to_iso(*message.expires)) : json::value(nullptr);
  return event;
}

Millis done_ttl_of(const Kind& kind) {
  return kind.options.idempotent ? kind.options.done_ttl : Millis(0);
}

}  // namespace

Millis limit_of(const Message& message, const KindOptions& options) {
  Millis limit = options.time_limit;
  for (const std::optional<double>& seconds : {message.time_limit_s, message.soft_time_limit_s}) {
    if (!seconds || *seconds <= 0 || *seconds > 1e9) continue;
    const Millis told(static_cast<std::int64_t>(*seconds * 1000));
    if (limit == Millis(0) || told < limit) limit = told;
  }
  return limit;
}

// Its lease is renewed from here on.
Worker::JobPtr Worker::hold(Delivery delivery, const Claim& claim) {
  probe_.claimed.Increment();
  const auto job = std::make_shared<Job>(commands_.executor(), std::move(delivery));
  job->queue = queue_of_list_.at(job->delivery.list);
  job->claimed = claim.time;
  job->claimed_at = env_.clock.now();
  job->any_revoked = claim.any_revoked;
  job->abandoned = abandoning_;
  jobs_.emplace(job->delivery.name, job);
  ++busy_;
  ++running_[job->queue];
  return job;
}

void Worker::begin(const JobPtr& job) {
  result<Message> message = decode(job->delivery.envelope);
  if (message) {
    job->message = std::move(*message);
    job->message->queue = options_.queues[job->queue].name;
    job->kind = registry_.find(job->message->task);
    if (job->kind) ++totals_[job->kind->name];
    if (remote_.wants_events()) remote_.event("task-received", received(*job->message));
  } else {
    job->unreadable = message.error();
  }
  running_jobs_.spawn(job->message ? job->message->task : "malformed", handle(job));
}

awaitable<void> Worker::handle(JobPtr job) {
  std::exception_ptr failure;
  try {
    Settlement settlement = co_await decide(*job);
    co_await settle(*job, std::move(settlement));
  } catch (...) {
    failure = std::current_exception();
  }
  finish(job);
  if (failure) std::rethrow_exception(failure);
}

Time Worker::now(const Job& job) const {
  const auto since = env_.clock.now() - job.claimed_at;
  return job.claimed + std::chrono::floor<std::chrono::microseconds>(since);
}

awaitable<Settlement> Worker::decide(Job& job) {
  if (!job.message) co_return unreadable(job.delivery.envelope, job.unreadable);
  const Message& message = *job.message;
  if (!job.kind) {
    const Failure unknown = not_registered(message.task);
    co_return failed(message, job.delivery.envelope, unknown, "unknown_task", now(job));
  }
  if (job.any_revoked || job.kind->options.idempotent) {
    const std::optional<Queues::Marks> marks = co_await marks_of(job);
    if (!marks) co_return returned(job.delivery.envelope);
    if (marks->done.at(0) && job.kind->options.idempotent) co_return Settlement();
    if (marks->revoked.at(0)) co_return revoked(message, "revoked", now(job));
  }
  if (message.expires && now(job) >= *message.expires) {
    co_return revoked(message, "expired", now(job));
  }
  if (message.eta && job.claimed < *message.eta) {  // As Celery's own clients send them.
    Settlement later;
    later.fate = Fate::later;
    later.envelope = job.delivery.envelope;
    later.due_ms = std::chrono::ceil<Millis>(message.eta->time_since_epoch()).count();
    co_return later;
  }
  if (job.kind->batch_handler) {
    co_return co_await attempt_in_batch(job);
  }
  co_await wait_turn(job);
  std::optional<Settlement> settlement = not_run(job);
  if (settlement) co_return std::move(*settlement);
  co_return co_await attempt(job);
}

// What is on record of the task, when Redis says it soon; nothing when it goes back instead.
awaitable<std::optional<Queues::Marks>> Worker::marks_of(Job& job) {
  Backoff backoff{BackoffOptions{}};
  for (int tries = 1; job.wanted(); ++tries) {
    std::vector<std::string> ids{job.message->id};
    std::optional<Queues::Marks> marks;
    std::exception_ptr failure;
    try {
      marks = co_await queues_.marks(std::move(ids));
    } catch (const system_error&) {
      failure = std::current_exception();
    }
    if (!failure) co_return marks;
    if (is_cancellation(failure) || tries == kMarksTries) std::rethrow_exception(failure);
    env_.log.debug("task_marks_failed", "error", what(failure));
    co_await sleep_for(backoff.next(env_.random));
  }
  co_return std::nullopt;
}

// What becomes of a message whose turn has come, when it does not run after all.
std::optional<Settlement> Worker::not_run(Job& job) {
  if (!job.wanted()) return returned(job.delivery.envelope);
  if (job.revoked) return revoked(*job.message, "revoked", now(job));
  if (job.message->expires && now(job) >= *job.message->expires) {
    return revoked(*job.message, "expired", now(job));
  }
  return std::nullopt;
}

// Until fewer of its kind run than may; false when it goes back instead.
awaitable<bool> Worker::wait_turn(Job& job) {
  const std::size_t limit = job.kind->options.concurrency;
  Lane& lane = lanes_[job.kind->name];
  const auto wanted = [&job] {
    return job.batch ? job.batch->wanted() : job.wanted();
  };
  if (limit > 0 && lane.running >= limit) {
    park(job);
    lane.parked.push_back(jobs_.at(job.delivery.name));
    wakeup_.wake();
    while (job.parked && wanted()) {
      co_await job.turn.wait(Millis(60'000));
    }
    if (job.parked) {
      unpark(job);
      std::erase_if(lane.parked, [&job](const JobPtr& one) { return one.get() == &job; });
      co_return false;
    }
  } else {
    ++lane.running;
    job.in_lane = true;
  }
  co_return wanted();
}

// It takes no room while it waits.
void Worker::park(Job& job) {
  job.parked = true;
  parked_ += job.batch ? job.batch->jobs.size() : 1;
  --busy_;
  --running_[job.queue];
}

void Worker::unpark(Job& job) {
  job.parked = false;
  parked_ -= job.batch ? job.batch->jobs.size() : 1;
  ++busy_;
  ++running_[job.queue];
}

awaitable<Settlement> Worker::attempt(Job& job) {
  begin_attempt(job, limit_of(*job.message, job.kind->options));
  std::exception_ptr error;
  json::value value;
  try {
    awaitable<json::value> work = job.kind->handler(*job.context);
    value = co_await run_apart(std::move(work), job.limit, job.stop);
  } catch (...) {
    error = std::current_exception();
  }
  co_return end_attempt(job, error, std::move(value));
}

void Worker::begin_attempt(Job& job, Millis limit) {
  job.context.emplace(queues_, *job.message, job.delivery.name);
  job.limit = limit;
  job.began = env_.clock.now();
  if (limit > Millis(0)) job.context->deadline_ = job.began + limit;
  job.started_s = unix_seconds(env_.clock);
  if (remote_.wants_events()) remote_.event("task-started", event_of(*job.message));
}

// `error`: what the handler threw; else `value` is what it returned.
Settlement Worker::end_attempt(Job& job, std::exception_ptr error, json::value value) {
  const Message& message = *job.message;
  const auto ended = env_.clock.now();
  job.ran_s = std::chrono::duration<double>(ended - job.began).count();
  probe_.seconds.Observe(job.ran_s);
  if (!error) error = job.context->failure_;
  if (!error) return succeeded(message, std::move(value), done_ttl_of(*job.kind), now(job));
  if (!job.wanted()) return returned(job.delivery.envelope);
  if (job.revoked) return revoked(message, "terminated", now(job));

  Fault fault = fault_of(error);
  const bool timed_out = fault.code == boost::system::errc::timed_out;
  if (timed_out && job.context->deadline_ && ended >= *job.context->deadline_) {
    fault.failure = time_limit_exceeded(job.limit);
  }
  const std::optional<Millis> delay =
      retry_delay(job.kind->options.retry, fault, message.retries, env_.random);
  if (delay) return retried(message, fault, *delay, now(job), env_.random);
  Settlement end = failed(message, job.delivery.envelope, fault.failure, "failed", now(job));
  if (!job.kind->options.buried) end.fate = Fate::ack;
  return end;
}

void Worker::finish(const JobPtr& job) {
  jobs_.erase(job->delivery.name);
  job->batch.reset();
  if (!job->riding) {
    --busy_;
    --running_[job->queue];
  }
  if (job->in_lane) {
    Lane& lane = lanes_[job->kind->name];
    --lane.running;
    if (!lane.parked.empty()) {
      const JobPtr next = lane.parked.front();
      lane.parked.pop_front();
      unpark(*next);
      next->in_lane = true;
      ++lane.running;
      next->turn.set();
    }
  }
  wakeup_.wake();
}

}  // namespace seendr::tasks
