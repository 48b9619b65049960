// What must happen in time: signs of life, leases, evictions, no-shows, retries.
#include "match/matchmaker_state.hpp"
#include "runtime/sleep.hpp"

namespace seendr::match {
namespace {

constexpr Millis kSweep{1000};
constexpr std::size_t kSweepLimit = 200;
constexpr std::size_t kEvictLimit = 200;
constexpr Millis kWatch{25};
constexpr int kQuicker = 5;  // While the replica lags, beats come so much more often.

}  // namespace

awaitable<void> Matchmaker::State::beat_loop() {
  while (true) {
    co_await beat();
    co_await evict();
    const bool hurry = lag_.is_stopped(now());
    const Millis pause = hurry ? options_.beat / kQuicker : options_.beat;
    co_await sleep_for(pause);
  }
}

awaitable<void> Matchmaker::State::beat() {
  const auto rounds = static_cast<std::size_t>(options_.renew / options_.beat);
  std::vector<UserId> people = people_.next_to_renew(rounds);
  people.insert(people.end(), fresh_.begin(), fresh_.end());
  fresh_.clear();
  lag_.sent(now());
  try {
    co_await pool_.beat(instance_, options_.lease, std::move(people));
  } catch (...) {
    lag_.failed();
    throw;
  }
  if (replica_) probe_.tickets(replica_->engine().size(), replica_->engine().searching());
}

// Removes tickets of processes that are silent for long. Every process does it.
awaitable<void> Matchmaker::State::evict() {
  if (!replica_ || !may_claim()) co_return;
  for (const std::string& dead : replica_->dead()) {
    const auto tickets = replica_->engine().tickets_of(dead, kEvictLimit);
    if (tickets.empty()) continue;
    const std::size_t count = co_await pool_.evict(std::string(kInstanceDead), tickets);
    probe_.evicted(count);
    env_.log.info("evicted", "instance", dead, "tickets", count);
  }
}

awaitable<void> Matchmaker::State::sweep_loop() {
  while (true) {
    const std::size_t ended = co_await pool_.sweep(kSweepLimit);
    if (ended == kSweepLimit) continue;
    const double share = 0.5 + env_.random.unit();
    const Millis pause(static_cast<std::int64_t>(static_cast<double>(kSweep.count()) * share));
    co_await sleep_for(pause);
  }
}

awaitable<void> Matchmaker::State::watch_loop() {
  while (true) {
    co_await sleep_for(kWatch);
    watch();
    if (saw_stale_epoch_) {
      co_await refresh_epoch();
    }
    if (unclosed_.empty()) continue;
    const CloseItem item = unclosed_.back();
    co_await closes_.submit(item);
    std::erase_if(unclosed_, [&item](const CloseItem& other) { return other.room == item.room; });
  }
}

void Matchmaker::State::watch() {
  while (!no_shows_.empty() && no_shows_.front().at_ms <= now()) {
    const Deadline due = std::move(no_shows_.front());
    no_shows_.pop_front();
    const Person* person = people_.find(due.user);
    const bool sits = person && person->place == Place::room && person->room == due.room;
    if (!sits || person->has_entered) continue;
    tasks_.spawn("no_show", end_room_quietly(due.room, CloseReason::no_show));
  }
  while (!holds_.empty() && holds_.front().at_ms <= now()) {
    const Deadline due = std::move(holds_.front());
    holds_.pop_front();
    Person* person = here(due.user);
    if (!person || person->present || person->losses != due.losses) continue;
    if (person->place == Place::room) continue;
    const bool was_searching = person->quest.has_value();
    person->quest.reset();
    person->lounge.reset();
    if (was_searching) sink_.on_cancelled(due.user, CancelReason::partner_lost);
    kick(due.user);
  }
  const std::unordered_set<UserId> retry = std::move(to_retry_);
  to_retry_.clear();
  for (const UserId user : retry) {
    const Person* person = people_.find(user);
    if (!person || person->failures == 0) continue;
    if (now() < person->retry_ms || person->is_driven) {
      to_retry_.insert(user);
    } else {
      kick(user);
    }
  }
  people_.forget_taken_before(now());
}

// Redis refuses our epoch, though we were not told of a new one: its data was wiped, perhaps.
awaitable<void> Matchmaker::State::refresh_epoch() {
  saw_stale_epoch_ = false;
  co_await server_.refresh(commands_);
}

}  // namespace seendr::match
