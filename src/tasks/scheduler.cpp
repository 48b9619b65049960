#include "tasks/scheduler.hpp"

#include <algorithm>
#include <cassert>

#include "base/number.hpp"
#include "runtime/sleep.hpp"
#include "tasks/iso_time.hpp"
#include "tasks/message_format.hpp"

namespace seendr::tasks {

namespace {

// What is stored of an entry that no list names any more is kept so long, for an older or newer
// version of the program that runs beside.
constexpr std::chrono::hours kKept{30 * 24};
constexpr std::size_t kForgottenAtOnce = 1000;

std::string text_of(Instant instant) {
  return std::to_string(instant.time_since_epoch().count());
}

}  // namespace

Scheduler::Scheduler(const Env& env, redis::Client& redis, std::vector<Entry> entries,
                     SchedulerOptions options)
    : env_(env),
      store_(env, redis, options.store),
      entries_(std::move(entries)),
      options_(options),
      elected_(env.metrics.gauge("seendr_tasks_scheduler_elected",
                                 "1 while this process enqueues what is scheduled.")),
      enqueued_(
          env.metrics.counter("seendr_tasks_scheduled_total", "Tasks that a schedule enqueued.")),
      missed_(
          env.metrics.counter("seendr_tasks_schedule_missed_total",
                              "Times that instants of an entry had passed with nobody there.")) {
  assert(!problem_of(entries_));
}

awaitable<void> Scheduler::run() {
  bool well = true;
  for (;;) {
    Millis wait = options_.renew;
    std::string failed;
    try {
      wait = co_await step();
    } catch (const system_error& error) {
      if (error.code() == net::error::operation_aborted) throw;
      failed = what(error);
    }
    if (!failed.empty()) {
      lose();
      if (well) env_.log.warn("schedule_without_redis", "error", failed);
    }
    well = failed.empty();
    co_await sleep_for(wait);
  }
}

awaitable<Millis> Scheduler::step() {
  const Term term = co_await store_.elect(options_.lease);
  if (term.token == 0) {
    lose();
    co_return std::clamp(term.left, Millis(1), options_.renew);
  }
  if (term.token != token_) {
    co_await begin(term);
  }
  for (std::size_t i = 0; i < plans_.size() && elected(); ++i) {
    if (plans_[i].next <= term.now) {
      co_await look(i, term.now);
    }
  }
  Millis wait = options_.renew;
  for (const Plan& plan : plans_) wait = std::min(wait, plan.next - term.now);
  co_return std::max(wait, Millis(1));
}

awaitable<void> Scheduler::resign() {
  lose();
  co_await store_.resign();
}

awaitable<void> Scheduler::begin(Term term) {
  lose();
  std::map<std::string, std::string> settled = co_await store_.settled();
  plans_.clear();
  for (const Entry& entry : entries_) {
    plans_.push_back(first_plan(entry.name, settled[entry.name], term.now));
  }
  std::vector<std::string> gone = gone_from(settled, term.now);
  co_await store_.forget(term.token, std::move(gone));
  token_ = term.token;
  elected_.Set(1);
  env_.log.info("schedule_elected", "token", token_, "entries", entries_.size());
}

std::vector<std::string> Scheduler::gone_from(std::map<std::string, std::string> settled,
                                              Instant now) const {
  for (const Entry& entry : entries_) settled.erase(entry.name);
  std::vector<std::string> gone;
  for (const auto& [name, stored] : settled) {
    const Instant until(Millis(parse_number<std::int64_t>(stored).value_or(0)));
    if (until + kKept < now && gone.size() < kForgottenAtOnce) gone.push_back(name);
  }
  return gone;
}

// An entry that was never seen begins now.
Scheduler::Plan Scheduler::first_plan(const std::string& name, const std::string& stored,
                                      Instant now) const {
  const std::optional<std::int64_t> settled = parse_number<std::int64_t>(stored);
  if (!settled && !stored.empty()) {
    env_.log.warn("schedule_unreadable", "entry", name, "stored", stored);
  }
  return Plan{stored, settled ? Instant(Millis(*settled)) : now, now};
}

// Another round follows at once if it turns out that another one was elected.
awaitable<void> Scheduler::look(std::size_t index, Instant now) {
  const Entry& entry = entries_[index];
  const Due found = due(entry, plans_[index].settled, now);
  const std::string after = text_of(found.settled);
  if (plans_[index].stored == after) {
    plans_[index].next = found.next;
    co_return;
  }
  Settling settling{entry.name, plans_[index].stored, after, entry.queue};
  for (const Instant instant : found.instants) {
    settling.envelopes.push_back(envelope_of(entry, instant, now));
  }
  const Settled settled = co_await store_.settle(token_, std::move(settling));
  if (settled == Settled::stale) {
    lose();
  } else if (settled == Settled::full) {
    env_.log.warn("schedule_queue_full", "entry", entry.name, "queue", entry.queue);
    plans_[index].next = now + options_.renew;
  } else {
    plans_[index] = Plan{after, found.settled, found.next};
    count(entry, found);
  }
}

std::string Scheduler::envelope_of(const Entry& entry, Instant instant, Instant now) const {
  Message message;
  message.id = make_uuid(env_.random);
  message.task = entry.task;
  message.args = entry.args;
  message.kwargs = entry.kwargs;
  message.queue = entry.queue;
  message.delivery_tag = make_uuid(env_.random);
  message.reply_to = make_uuid(env_.random);
  message.ignore_result = true;
  if (entry.expires > Millis(0)) message.expires = now + entry.expires;
  message.headers["periodic_task_name"] = entry.name;
  message.headers["seendr_instant"] = to_iso(instant);
  return encode(message);
}

void Scheduler::count(const Entry& entry, const Due& due) {
  enqueued_.Increment(static_cast<double>(due.instants.size()));
  for (const Instant instant : due.instants) {
    env_.log.debug("schedule_enqueued", "entry", entry.name, "instant", to_iso(instant));
  }
  if (!due.missed) return;
  missed_.Increment();
  env_.log.warn("schedule_missed", "entry", entry.name, "until", to_iso(due.settled));
}

void Scheduler::lose() {
  if (token_ != 0) env_.log.info("schedule_not_elected");
  token_ = 0;
  elected_.Set(0);
}

}  // namespace seendr::tasks
