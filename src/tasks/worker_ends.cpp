// How a worker ends a delivery, and what follows from it.
#include <deque>

#include "runtime/backoff.hpp"
#include "runtime/sleep.hpp"
#include "tasks/canvas.hpp"
#include "tasks/json_text.hpp"
#include "tasks/outcome.hpp"
#include "tasks/worker.hpp"
#include "tasks/worker_job.hpp"

namespace seendr::tasks {

// Adds what follows from the end of a task.
awaitable<void> Worker::follow(const Message& message, Settlement& settlement, Time when) {
  if (settlement.ended == State::pending || message.embed.empty()) co_return;
  Following following;
  if (settlement.ended == State::success) {
    following = after_success(message, settlement.value, when, env_.random);
    if (following.too_much) {
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
// good is not tried again: the message is buried instead; when that is refused too, the message
// keeps no room here, and comes back as one of a lost worker does.
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
    if (for_good || is_cancellation(failure) || job.abandoned) std::rethrow_exception(failure);
    env_.log.debug("task_settle_failed", "error", what(failure));
    co_await sleep_for(backoff.next(env_.random));
  }
  probe_.lost.Increment();
  env_.log.warn("task_lost", "delivery", job.delivery.name, "list", job.delivery.list);
}

}  // namespace seendr::tasks
