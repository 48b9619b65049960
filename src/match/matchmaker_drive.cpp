// One person's way in and out of Redis: the next step until Redis holds what the person wants.
#include "match/matchmaker_state.hpp"

namespace seendr::match {
namespace {

constexpr int kMaxSteps = 12;  // In a row, for one person.
constexpr Millis kFence{150'000};
constexpr Millis kFirstRetry{50};
constexpr Millis kLastRetry{2000};

}  // namespace

// Marks a person as driven for as long as the coroutine lives.
class Matchmaker::State::Driving {
 public:
  Driving(State& state, UserId user) : state_(state), user_(user) {
    state_.people_.find(user)->is_driven = true;
  }
  Driving(const Driving&) = delete;
  Driving& operator=(const Driving&) = delete;
  ~Driving() { state_.settled(user_); }

 private:
  State& state_;
  UserId user_;
};

class Matchmaker::State::Waiter {
 public:
  Waiter(State& state, UserId user, Timer& timer)
      : state_(state), at_(state.waiters_.emplace(user, &timer)) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() { state_.waiters_.erase(at_); }

 private:
  State& state_;
  std::unordered_multimap<UserId, Timer*>::iterator at_;
};

void Matchmaker::State::kick(UserId user) {
  Person* person = people_.find(user);
  if (!person || person->is_driven || is_stopped_) return;
  if (next_step(*person) == Step::nothing) {
    settled(user);
    return;
  }
  if (person->failures > 0 && now() < person->retry_ms) return;
  person->is_driven = true;
  tasks_.spawn("drive", drive(user));
}

awaitable<void> Matchmaker::State::drive(UserId user) {
  const Driving driving(*this, user);
  for (int i = 0; i < kMaxSteps; ++i) {
    const Step step = next_step(*people_.find(user));
    if (step == Step::nothing) co_return;
    bool failed = false;
    try {
      co_await take_step(user, step);
    } catch (const system_error& error) {
      if (error.code() == net::error::operation_aborted) throw;
      if (error.code() == Errc::stale_epoch) saw_stale_epoch_ = true;
      env_.log.debug("match_step_failed", "user", user.text(), "why", what(error));
      failed = true;
    }
    Person& person = *people_.find(user);
    if (failed) {
      if (person.place != Place::room) person.place = Place::unknown;
      postpone(person);
    } else if (person.retry_ms <= now()) {
      person.failures = 0;
    }
    if (person.failures > 0) co_return;
  }
  postpone(*people_.find(user));
}

awaitable<void> Matchmaker::State::take_step(UserId user, Step step) {
  switch (step) {
    case Step::look:
      co_await look(user);
      break;
    case Step::join:
      co_await join(user);
      break;
    case Step::leave:
      co_await leave(user);
      break;
    case Step::hold:
      co_await hold(user, true);
      break;
    case Step::release:
      co_await hold(user, false);
      break;
    case Step::restore:
      co_await restore(user);
      break;
    case Step::nothing:
      break;
  }
}

// To be tried again later: by the watch, or by the next call for this person after that time.
void Matchmaker::State::postpone(Person& person) {
  const int doublings = std::min(person.failures, 6);
  const Millis delay = std::min(kLastRetry, kFirstRetry * (1 << doublings));
  ++person.failures;
  person.retry_ms = now() + jittered(delay).count();
  to_retry_.insert(person.user);
}

void Matchmaker::State::settled(UserId user) {
  Person* person = people_.find(user);
  if (person) {
    person->is_driven = false;
    const bool is_out = person->place == Place::none || person->place == Place::elsewhere;
    if (person->gone && is_out && !person->is_uncertain) people_.remove(user);
  }
  const auto [first, last] = waiters_.equal_range(user);
  for (auto waiter = first; waiter != last; ++waiter) waiter->second->cancel();
}

awaitable<void> Matchmaker::State::wait_settled(UserId user, Millis limit) {
  Timer timer(executor_, limit);
  const Waiter waiter(*this, user, timer);
  const std::int64_t end_ms = now() + limit.count();
  while (now() < end_ms) {
    const Person* person = people_.find(user);
    if (!person || !person->is_driven) co_return;
    co_await timer.async_wait(net::as_tuple(use_awaitable));
  }
}

awaitable<void> Matchmaker::State::renew_session(UserId user) {
  const Entrance entrance = co_await pool_.enter(user);
  Person& person = *people_.find(user);
  person.session = entrance.session;
  if (person.recent.empty()) person.recent = parse_recent(entrance.recent);
}

awaitable<void> Matchmaker::State::join(UserId user) {
  if (people_.find(user)->session == 0) {
    co_await renew_session(user);
  }
  Person* person = people_.find(user);
  if (next_step(*person) != Step::join) co_return;
  const Attributes attributes = person->wished_attributes();
  const std::vector<std::uint32_t> interests = person->wish()->interests;
  const JoinItem item{user, person->session, person->t0_ms, encode(attributes),
                      encode_interests(interests)};
  person->is_uncertain = true;
  const Joined outcome = co_await joins_.submit(item);
  person = people_.find(user);
  person->is_uncertain = false;
  if (const auto* in_pool = std::get_if<InPool>(&outcome)) {
    person->attributes = attributes;
    person->interests = interests;
    joined(*person, *in_pool);
  } else if (const auto* in_room = std::get_if<InRoom>(&outcome)) {
    const RoomId room = in_room->room;
    const UserId peer = in_room->peer;
    co_await learn_seat(user, room, peer);
  } else {
    displaced(*person);
  }
}

void Matchmaker::State::joined(Person& person, const InPool& in_pool) {
  probe_.joined();
  newest_reply_ = std::max(newest_reply_, in_pool.version);
  if (person.place == Place::room && person.claim > in_pool.version) return;  // Paired meanwhile.
  person.enter_pool(in_pool.version, in_pool.t0_ms, Place::ticket);
  if (!replica_ || replica_->position() < in_pool.version) return;
  const Ticket* ticket = replica_->engine().find(person.user);
  if (ticket && ticket->version == in_pool.version) {
    plan_search(person);
  } else {
    person.place = Place::unknown;  // The log has ended this ticket already.
  }
}

// A newer session of the person rules, through another process.
void Matchmaker::State::displaced(Person& person) {
  const bool was_searching = person.quest.has_value();
  person.place = Place::elsewhere;
  person.session = 0;
  person.in_claim = false;
  person.quest.reset();
  if (was_searching) sink_.on_cancelled(person.user, CancelReason::replaced);
}

awaitable<void> Matchmaker::State::leave(UserId user) {
  const bool is_uncertain = people_.find(user)->is_uncertain;
  if (is_uncertain || people_.find(user)->session == 0) {
    co_await renew_session(user);
  }
  const Person& before = *people_.find(user);
  const std::string reason = before.leave_reason.empty() ? "left" : before.leave_reason;
  const Millis fence = is_uncertain ? kFence : Millis(0);
  const Leaving outcome = co_await pool_.leave(user, before.session, reason, fence);

  Person& person = *people_.find(user);
  person.is_uncertain = false;
  if (person.place == Place::room) co_return;  // Paired meanwhile, and that was welcome.
  person.t0_ms = 0;
  person.place = Place::none;
  const std::int64_t until = now() + kRememberMs;
  people_.remember(TakenOut{user, person.session, RoomId{}, CloseReason::left, until});
  if (const auto* in_room = std::get_if<InRoom>(&outcome)) {
    const RoomId room = in_room->room;
    co_await end_room_quietly(room, CloseReason::gone);
  } else if (std::holds_alternative<StaleSession>(outcome)) {
    displaced(person);
  }
}

awaitable<void> Matchmaker::State::hold(UserId user, bool held) {
  const LogId version = people_.find(user)->version;
  const Millis lease = held ? options_.hold : options_.lease;
  const bool done = co_await pool_.hold(user, version, held, lease);
  Person& person = *people_.find(user);
  if (person.place == Place::room || person.version != version) co_return;
  if (!done) {
    person.place = Place::unknown;
  } else {
    person.place = held ? Place::held : Place::ticket;
    if (!held) plan_search(person);
  }
}

// Reads what Redis holds of the person and believes it.
awaitable<void> Matchmaker::State::look(UserId user) {
  const std::vector<UserId> one(1, user);
  const auto records = co_await pool_.records(one);
  Person& person = *people_.find(user);
  if (person.place != Place::unknown) co_return;
  const std::optional<Record>& record = records.front();
  const bool seated = record && record->seat && record->seat->instance == instance_;
  if (seated && !people_.was_closed(record->seat->room)) {
    const RoomId room = record->seat->room;
    const UserId peer = record->seat->peer;
    co_await learn_seat(user, room, peer);
  } else {
    believe(person, record);
  }
}

// Takes over what a record says, but for seats of this process.
void Matchmaker::State::believe(Person& person, const std::optional<Record>& record) {
  person.in_claim = false;
  if (!record || (!record->ticket && !record->seat)) {
    person.place = Place::none;
    return;
  }
  if (record->seat && people_.was_closed(record->seat->room)) {
    tasks_.spawn("close", end_room_quietly(record->seat->room, CloseReason::gone));
    postpone(person);
    return;
  }
  if (record->instance() != instance_) {
    if (record->session > person.session || record->seat) {
      displaced(person);
      if (record->seat) person.away = record->seat->room;
    } else {
      person.place = Place::none;  // Older than ours: the next join replaces it.
    }
    return;
  }
  person.attributes = record->ticket->attributes;
  person.interests = record->ticket->interests;
  person.session = std::max(person.session, record->session);
  const Place place = record->ticket->held ? Place::held : Place::ticket;
  person.enter_pool(record->ticket->version, record->ticket->t0_ms, place);
  plan_search(person);
}

// Finds out where somebody is who has just arrived.
awaitable<void> Matchmaker::State::settle_in(UserId user) {
  const Driving driving(*this, user);
  co_await renew_session(user);
  const std::uint64_t session = people_.find(user)->session;
  const std::vector<UserId> one(1, user);
  const auto records = co_await pool_.records(one);
  Person& person = *people_.find(user);
  person.session = session;  // Whatever the log told meanwhile is older than the records.
  person.gone = false;
  if (person.place == Place::room) co_return;
  const std::optional<Record>& record = records.front();
  if (record && record->seat) {
    co_await take_over_seat(user);
  } else if (record && record->ticket && record->instance() != instance_) {
    person.place = Place::elsewhere;
  } else {
    believe(person, record);
  }
}

awaitable<std::optional<Told>> Matchmaker::State::arrive(UserId user, Facts facts) {
  co_await wait_settled(user, commands_.options().command_timeout);
  const bool is_new = people_.find(user) == nullptr;
  Person* person = &people_.add(user);
  person->gone = false;
  person->present = true;
  person->blocked = People(facts.blocked.begin(), facts.blocked.end());
  if (person->is_driven) co_return std::nullopt;  // Redis is slow; their wishes stay as they are.
  if (is_new) person->gone = true;                // Forgotten again if Redis cannot be asked.
  co_await settle_in(user);
  kick(user);
  person = people_.find(user);
  if (!person || person->place != Place::room) co_return std::nullopt;
  co_return told_again(*person);
}

}  // namespace seendr::match
