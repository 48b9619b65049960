#include "tasks/worker.hpp"

#include <algorithm>
#include <cassert>

#include "runtime/backoff.hpp"
#include "runtime/sleep.hpp"
#include "tasks/keys.hpp"
#include "tasks/outcome.hpp"
#include "tasks/worker_job.hpp"

namespace seendr::tasks {

namespace {

constexpr std::size_t kBatch = 100;  // Messages of one claim.
constexpr Millis kLook{1000};        // Queues and timers are looked at this often, unasked.
constexpr int kBeats = 3;            // In one lease.
constexpr Millis kRestore{3000};     // Between two looks at what Celery's workers hold.

}  // namespace

Worker::Worker(const Env& env, redis::Client& commands, redis::Client& watching,
               const Registry& registry, WorkerOptions options)
    : env_(env),
      commands_(commands),
      registry_(registry),
      options_(std::move(options)),
      probe_(env.metrics),
      queues_(env, commands, options_.store),
      wakeup_(env, watching),
      remote_(env, commands, queues_, options_.remote, [this] { return snapshot(); }),
      running_(options_.queues.size(), 0),
      running_jobs_(commands.executor(), [this](const std::string& name, std::exception_ptr error) {
        env_.log.error("task_not_settled", "task", name, "error", what(error));
      }) {
  assert(!options_.queues.empty() && options_.concurrency > 0);
  if (options_.store.visibility > Millis(0)) {
    std::vector<std::string> names;
    for (const WorkQueue& queue : options_.queues) names.push_back(queue.name);
    unacked_.emplace(commands, options_.store.visibility, std::move(names));
  }
  for (std::size_t i = 0; i < options_.queues.size(); ++i) {
    assert(options_.queues[i].weight > 0);
    for (std::size_t step = 0; step < kSteps.size(); ++step) {
      queue_of_list_[list_key(options_.queues[i].name, step)] = i;
    }
  }
}

Worker::~Worker() = default;

awaitable<void> Worker::run() {
  TaskGroup loops(commands_.executor(), [this](const std::string& name, std::exception_ptr error) {
    env_.log.error("loop_failed", "loop", name, "error", what(error));
  });
  loops.spawn("changes of the queues", wakeup_.run());
  loops.spawn("remote control", remote_.run());
  loops.spawn("leases", keep_leases());
  loops.spawn("leases of others", heal_others());
  std::exception_ptr failure;
  try {
    co_await take();
    co_await drain();
  } catch (...) {
    failure = std::current_exception();
  }
  co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  abandon();
  co_await running_jobs_.join();
  loops.cancel();
  co_await loops.join();
  if (failure) std::rethrow_exception(failure);
}

void Worker::stop() {
  stopping_ = true;
  wakeup_.wake();
}

awaitable<void> Worker::take() {
  Backoff backoff{BackoffOptions{}};
  bool well = true;
  while (!stopping_) {
    bool more = false;
    std::exception_ptr failure;
    try {
      more = co_await take_some();
      backoff.reset();
    } catch (const system_error&) {
      failure = std::current_exception();
    }
    if (failure && is_cancellation(failure)) std::rethrow_exception(failure);
    const bool was_well = std::exchange(well, !failure);
    if (failure && was_well) env_.log.warn("tasks_without_redis", "error", what(failure));
    if (more || stopping_) continue;
    Millis pause = kLook;
    if (failure) {
      pause = backoff.next(env_.random);
    } else {
      const auto until = std::chrono::ceil<Millis>(timer_due_ - env_.clock.now());
      pause = std::clamp(until, Millis(0), kLook);
    }
    co_await wakeup_.wait(pause);
  }
}

// Returns whether to go on at once.
awaitable<bool> Worker::take_some() {
  if (room() == 0) {  // The end of a job wakes.
    const auto now = env_.clock.now();
    timer_due_ = now + kLook;
    if (now - promoted_at_ < kLook) co_return false;
    promoted_at_ = now;
    co_await queues_.promote();  // Others may have room.
    co_return false;
  }
  const std::vector<Source> from = sources();
  Claim claim = co_await queues_.claim(from, std::min(room(), kBatch));
  std::vector<JobPtr> jobs;
  for (Delivery& delivery : claim.deliveries) jobs.push_back(hold(std::move(delivery), claim));
  co_await begin_each(std::move(jobs));

  const std::int64_t now_ms = std::chrono::floor<Millis>(claim.time.time_since_epoch()).count();
  const std::int64_t wait_ms = claim.next_timer_ms.value_or(now_ms + kLook.count()) - now_ms;
  timer_due_ = env_.clock.now() + Millis(std::max<std::int64_t>(wait_ms, 0));
  if (wait_ms <= 0) {
    co_await queues_.promote();
    co_return true;
  }
  if (!claim.deliveries.empty()) co_return true;

  std::vector<std::string> lists;
  for (const Source& source : from) {
    if (source.room == 0) continue;
    for (std::size_t step = 0; step < kSteps.size(); ++step) {
      lists.push_back(list_key(source.queue, step));
    }
  }
  if (lists.empty()) co_return false;
  co_return co_await wakeup_.look(std::move(lists), claim.next_timer_ms);
}

// Others have their turn after each: a hundred large messages take long to read.
awaitable<void> Worker::begin_each(std::vector<JobPtr> jobs) {
  // Also when it is cancelled meanwhile: what is held must begin to be given back.
  const bool throws = co_await net::this_coro::throw_if_cancelled();
  co_await net::this_coro::throw_if_cancelled(false);
  for (const JobPtr& job : jobs) {
    begin(job);
    co_await net::post(commands_.executor(), use_awaitable);
  }
  co_await net::this_coro::throw_if_cancelled(throws);
}

std::size_t Worker::room() const {
  if (stopping_ || parked_ >= options_.concurrency) return 0;
  return busy_ < options_.concurrency ? options_.concurrency - busy_ : 0;
}

// The queues in the order in which they are asked this time: by chance, as their weights say.
std::vector<Source> Worker::sources() {
  std::vector<std::size_t> left(options_.queues.size());
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
  std::vector<Source> sources;
  while (!left.empty()) {
    std::uint64_t total = 0;
    for (const std::size_t i : left) total += options_.queues[i].weight;
    std::uint64_t drawn = left.size() > 1 ? env_.random.below(total) : 0;
    auto chosen = left.begin();
    while (drawn >= options_.queues[*chosen].weight) drawn -= options_.queues[*chosen++].weight;
    const WorkQueue& queue = options_.queues[*chosen];
    const std::size_t limit = queue.concurrency > 0 ? queue.concurrency : options_.concurrency;
    const std::size_t running = running_[*chosen];
    sources.push_back(Source{queue.name, running < limit ? limit - running : 0});
    left.erase(chosen);
  }
  return sources;
}

awaitable<void> Worker::drain() {
  for (const auto& [name, job] : jobs_) {
    if (!job->waits()) continue;
    job->abandoned = true;  // What has not begun goes back at once.
    job->turn.set();
  }
  const auto deadline = env_.clock.now() + options_.drain;
  for (auto now = env_.clock.now(); !jobs_.empty() && now < deadline; now = env_.clock.now()) {
    co_await wakeup_.wait(std::chrono::ceil<Millis>(deadline - now));
  }
}

// Everything that is held goes back.
void Worker::abandon() {
  stopping_ = true;
  abandoning_ = true;
  std::vector<JobPtr> jobs;  // Some may end while others are told.
  for (const auto& [name, job] : jobs_) jobs.push_back(job);
  for (const JobPtr& job : jobs) {
    job->abandoned = true;
    cancel(*job);
  }
}

void Worker::cancel(Job& job) {
  if (job.context) job.context->cancelled_ = true;
  if (job.batch && job.batch->wanted()) return;  // The others go on.
  Job& caller = job.batch ? *job.batch->jobs.front() : job;
  caller.turn.set();
  caller.stop.emit(net::cancellation_type::terminal);
}

// In a loop of its own, so that no healing of others, however much, keeps it waiting.
awaitable<void> Worker::keep_leases() {
  for (;;) {
    co_await sleep_for(options_.store.lease / kBeats);
    co_await attempt_step(renew());
  }
}

awaitable<void> Worker::heal_others() {
  for (;;) {
    co_await sleep_for(options_.store.lease / kBeats);
    co_await attempt_step(sweep());
    if (unacked_) {
      co_await attempt_step(restore());
    }
  }
}

// Redis may fail; then the next one finds out what happened.
awaitable<void> Worker::attempt_step(awaitable<void> step) {
  std::exception_ptr failure;
  try {
    co_await std::move(step);
  } catch (const system_error&) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  if (is_cancellation(failure)) std::rethrow_exception(failure);
  env_.log.debug("tasks_step_failed", "error", what(failure));
}

awaitable<void> Worker::renew() {
  std::vector<JobPtr> jobs;
  std::vector<std::string> deliveries;
  std::vector<std::string> ids;
  for (const auto& [name, job] : jobs_) {
    jobs.push_back(job);
    deliveries.push_back(name);
    ids.push_back(job->message ? job->message->id : std::string());
  }
  const std::vector<Renewal> renewals =
      co_await queues_.renew(std::move(deliveries), std::move(ids));
  for (std::size_t i = 0; i < renewals.size(); ++i) {
    Job& job = *jobs[i];
    if (jobs_.count(job.delivery.name) == 0) continue;  // Settled meanwhile.
    if (renewals[i] == Renewal::lost) {
      if (job.settling) continue;  // Settled perhaps: the one who does it finds out.
      job.lost = true;
      cancel(job);
    } else if (renewals[i] == Renewal::revoked) {
      job.revoked = true;
      if (job.context) job.context->cancelled_ = true;
    }
  }
}

// Not on a connection that is new: after an outage of Redis, those who live must come first. See
// sweep.lua, too.
awaitable<void> Worker::sweep() {
  const auto now = env_.clock.now();
  if (connection_ != commands_.connections()) {
    connection_ = commands_.connections();
    connected_at_ = now;
  }
  const Millis wait = options_.store.lease - options_.store.lease / kBeats;
  if (connection_ > 1 && now - connected_at_ < wait) co_return;
  std::vector<Delivery> found = co_await queues_.sweep();
  probe_.swept.Increment(static_cast<double>(found.size()));
  for (auto it = found.rbegin(); it != found.rend(); ++it) {  // The oldest ends up at the head.
    co_await attempt_step(heal(std::move(*it)));              // One that fails is found again.
  }
}

// What workers of Celery's held.
awaitable<void> Worker::restore() {
  if (env_.clock.now() - restored_at_ < kRestore) co_return;
  restored_at_ = env_.clock.now();
  const std::size_t count = co_await unacked_->restore();
  if (count > 0) env_.log.info("tasks_restored", "count", count);
  probe_.swept.Increment(static_cast<double>(count));
}

awaitable<void> Worker::heal(Delivery delivery) {
  const Time wall = std::chrono::floor<std::chrono::microseconds>(env_.clock.wall());
  Settlement settlement;
  result<Message> message = decode(delivery.envelope);
  if (message) message->queue = queue_of_list(delivery.list);
  std::string envelope = redelivered(delivery.envelope, 1);
  if (!message) {
    settlement = unreadable(std::move(envelope), message.error());
  } else if (message->deliveries >= options_.max_deliveries) {
    settlement = failed(*message, std::move(envelope), worker_lost(), "lost_workers", wall);
  } else {
    settlement.fate = Fate::back;
    settlement.envelope = std::move(envelope);
  }
  env_.log.info("task_redelivered", "delivery", delivery.name, "list", delivery.list);
  std::string refusal;
  try {
    if (message) {
      co_await follow(*message, settlement, wall);
    }
  } catch (const redis::ServerError& error) {
    if (redis::is_outage(error)) throw;
    refusal = what(error);
  }
  if (!refusal.empty()) {
    std::string kept = std::move(settlement.envelope);
    settlement = refused(*message, std::move(kept), refusal, wall);
  }
  co_await queues_.settle(std::move(delivery), std::move(settlement));
}

Snapshot Worker::snapshot() const {
  Snapshot now;
  now.registered = registry_.names();
  now.totals = totals_;
  now.concurrency = options_.concurrency;
  for (const WorkQueue& queue : options_.queues) now.queues.push_back(queue.name);
  for (const auto& [name, job] : jobs_) {
    if (!job->message) continue;
    const Message& message = *job->message;
    now.tasks.push_back(KnownTask{message.id, message.task, message.args, message.kwargs,
                                  message.queue, job->started_s});
  }
  return now;
}

}  // namespace seendr::tasks
