// What a worker does with one message.
#include "runtime/backoff.hpp"
#include "runtime/sleep.hpp"
#include "tasks/canvas.hpp"
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

json::object event_of(const Message& message) {
  json::object event;
  event["uuid"] = message.id;
  return event;
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

// Adds what follows from the end of a task.
awaitable<void> Worker::follow(const Message& message, Settlement& settlement, Time when) {
  if (settlement.ended == State::pending || message.embed.empty()) co_return;
  Following following;
  if (settlement.ended == State::success) {
    following = after_success(message, settlement.value, when, env_.random);
    if (following.too_many) {
      settlement = failed(message, encode(message), too_many_steps(), "too_many_steps", when);
    }
  }
  const bool success = settlement.ended == State::success;
  if (settlement.ended == State::failure) {
    following = after_failure(message, *settlement.failure, when, env_.random);
  }
  const json::value outcome =
      success ? settlement.value : json::value(settlement.failure->object());
  std::deque<std::pair<ChordPart, std::string>> open;
  for (ChordPart& place : parts_of(message, success)) {
    std::string left = part_text(place, settlement.ended, outcome);
    open.emplace_back(std::move(place), std::move(left));
  }
  settlement.next = std::move(following.messages);
  settlement.stored = std::move(following.stored);
  for (; !open.empty(); open.pop_front()) {
    const ChordPart& place = open.front().first;
    const std::vector<std::string> parts =
        co_await queues_.join(place.group, place.index, open.front().second);
    if (parts.empty()) continue;
    following = chord_complete(message, place, parts, when, env_.random);
    for (Outgoing& one : following.messages) {
      one.chord = place.group;
      settlement.next.push_back(std::move(one));
    }
    for (auto& one : following.stored) settlement.stored.push_back(std::move(one));
    settlement.chords.push_back(place.group);
    for (ChordPart& next : following.failed) {  // As a part, its body has failed.
      std::string left = part_text(next, State::failure, following.failure->object());
      open.emplace_back(std::move(next), std::move(left));
    }
  }
}

// To those who listen to events.
void Worker::tell(Job& job, const Settlement& settlement) {
  if (!job.message) return;
  json::object event = event_of(*job.message);
  const std::string failure = settlement.failure ? settlement.failure->text() : std::string();
  if (settlement.ended == State::success) {
    event["result"] = display(settlement.value);
    event["runtime"] = job.ran_s;
    remote_.event("task-succeeded", std::move(event));
  } else if (settlement.ended == State::revoked) {
    event["terminated"] = job.revoked;
    event["signum"] = nullptr;
    event["expired"] = failure.ends_with("expired");
    remote_.event("task-revoked", std::move(event));
  } else if (settlement.failure) {
    event["exception"] = failure;
    event["traceback"] = failure;
    const bool again = settlement.fate == Fate::later;
    remote_.event(again ? "task-retried" : "task-failed", std::move(event));
  }
}

// Why is in the result or the letter: what handlers throw may quote what is nobody's business.
void Worker::log_failure(const Job& job, Fate fate) const {
  const std::string id = job.message ? job.message->id : std::string();
  const std::string task = job.message ? job.message->task : std::string();
  if (fate == Fate::bury) {
    env_.log.warn("task_buried", "task", task, "id", id, "list", job.delivery.list);
  } else {
    env_.log.info("task_failed", "task", task, "id", id);
  }
}

// `again`: an answer was lost before, so that the settlement counts if nobody took the message
// over.
awaitable<void> Worker::try_settle(Job& job, Settlement settlement, bool again) {
  if (job.message) {
    co_await follow(*job.message, settlement, now(job));
  }
  Settlement told;
  told.fate = settlement.fate;
  told.ended = settlement.ended;
  told.failure = settlement.failure;
  if (remote_.wants_events()) told.value = settlement.value;
  Delivery held;
  held.name = job.delivery.name;
  held.list = job.delivery.list;
  const Verdict verdict = co_await queues_.settle(std::move(held), std::move(settlement));
  job.lost = verdict == Verdict::taken || (verdict == Verdict::gone && !again);
  if (job.lost) co_return;
  probe_.settled(told.fate).Increment();
  if (told.ended == State::failure || told.fate == Fate::bury) log_failure(job, told.fate);
  if (remote_.wants_events()) tell(job, told);
}

// Until Redis has said whether it counts, or somebody else has the message. What it refuses for
// good is not tried again: the message is buried instead.
awaitable<void> Worker::settle(Job& job, Settlement settlement) {
  Backoff backoff{BackoffOptions{}};
  job.settling = true;
  bool refusable = job.message.has_value();
  for (bool again = false; !job.lost; again = true) {
    std::exception_ptr failure;
    bool for_good = false;
    try {
      co_await try_settle(job, settlement, again);
    } catch (const redis::ServerError& error) {
      failure = std::current_exception();
      for_good = !redis::is_outage(error);
    } catch (const system_error&) {
      failure = std::current_exception();
    }
    if (!failure && !job.lost) co_return;
    if (!failure) break;
    if (for_good && std::exchange(refusable, false)) {
      settlement = refused(*job.message, job.delivery.envelope, what(failure), now(job));
      continue;
    }
    if (is_cancellation(failure) || job.abandoned) std::rethrow_exception(failure);
    env_.log.debug("task_settle_failed", "error", what(failure));
    co_await sleep_for(backoff.next(env_.random));
  }
  probe_.lost.Increment();
  env_.log.warn("task_lost", "delivery", job.delivery.name, "list", job.delivery.list);
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
