// What others ask of the matchmaker for one person.
#include "match/matchmaker_state.hpp"

namespace seendr::match {
namespace {

constexpr Millis kPatience{1000};  // Of a standing search: it goes on by itself when Redis is back.

// What can travel in a record: each interest once, no more than allowed.
void normalise(Search& search) {
  std::sort(search.interests.begin(), search.interests.end());
  const auto last = std::unique(search.interests.begin(), search.interests.end());
  search.interests.erase(last, search.interests.end());
  if (search.interests.size() > kMaxInterests) search.interests.resize(kMaxInterests);
  search.attributes.active = false;
}

}  // namespace

Person* Matchmaker::State::here(UserId user) {
  Person* person = people_.find(user);
  return person && !person->gone ? person : nullptr;
}

awaitable<SearchOutcome> Matchmaker::State::search(Search search) {
  const UserId user = search.user;
  Person* person = here(user);
  if (!person) co_return SearchOutcome{SearchOutcome::Kind::replaced, RoomId{}};
  const RoomId room = person->place == Place::room ? person->room : person->away;
  if (!room.empty()) co_return SearchOutcome{SearchOutcome::Kind::in_room, room};
  if (!admit()) co_return SearchOutcome{SearchOutcome::Kind::overloaded, RoomId{}};

  normalise(search);
  Quest quest;
  quest.number = ++quests_;
  quest.started_ms = now();
  if (search.timeout) {
    const Millis timeout = std::min(*search.timeout, options_.search_timeout);
    quest.deadline_ms = now() + timeout.count();
  }
  const std::uint64_t number = quest.number;
  const bool standing = search.standing;
  if (search.lounge) person->lounge = search;
  quest.search = std::move(search);
  person->quest = std::move(quest);
  const bool has_ticket = person->place == Place::ticket || person->place == Place::held;
  if (!has_ticket || !person->fits_wish()) {  // A new ticket: the newest session rules.
    person->session = 0;
    person->t0_ms = 0;
  }
  plan_end(*person);
  plan_search(*person);
  kick(user);
  const Millis patience = standing ? kPatience : commands_.options().command_timeout;
  co_await wait_settled(user, patience);

  person = here(user);
  if (!person) co_return SearchOutcome{SearchOutcome::Kind::replaced, RoomId{}};
  const bool is_told = person->found && person->found->number == number;
  if (person->place == Place::room && !is_told) {
    co_return SearchOutcome{SearchOutcome::Kind::in_room, person->room};
  }
  const bool is_ours = person->quest && person->quest->number == number;
  const bool is_unanswered = person->failures > 0 || person->is_driven;  // Redis, in all that time.
  if (is_ours && !standing && is_unanswered) {
    person->quest.reset();
    co_return SearchOutcome{SearchOutcome::Kind::unavailable, RoomId{}};
  }
  co_return SearchOutcome{SearchOutcome::Kind::waiting, RoomId{}};
}

awaitable<SearchOutcome> Matchmaker::State::lounge(Search search) {
  const UserId user = search.user;
  Person* person = here(user);
  if (!person) co_return SearchOutcome{SearchOutcome::Kind::replaced, RoomId{}};
  if (!admit()) co_return SearchOutcome{SearchOutcome::Kind::overloaded, RoomId{}};
  normalise(search);
  search.standing = false;
  person->lounge = std::move(search);
  const RoomId room = person->place == Place::room ? person->room : person->away;
  if (!room.empty()) co_return SearchOutcome{SearchOutcome::Kind::in_room, room};
  kick(user);
  co_await wait_settled(user, kPatience);
  co_return SearchOutcome{SearchOutcome::Kind::waiting, RoomId{}};
}

awaitable<void> Matchmaker::State::leave_lounge(UserId user) {
  Person* person = here(user);
  if (!person) co_return;
  person->lounge.reset();
  kick(user);
  co_await wait_settled(user, kPatience);
}

awaitable<bool> Matchmaker::State::cancel(UserId user, std::string reason) {
  Person* person = here(user);
  if (!person || !person->quest) co_return false;
  person->quest.reset();
  person->leave_reason = std::move(reason);
  kick(user);
  co_await wait_settled(user, commands_.options().command_timeout);
  co_return true;
}

awaitable<void> Matchmaker::State::lost(UserId user) {
  Person* person = here(user);
  if (!person || !person->present) co_return;
  person->present = false;
  ++person->losses;
  if (person->quest && !person->quest->search.standing) person->quest.reset();
  holds_.push_back(Deadline{now() + options_.hold.count(), user, RoomId{}, person->losses});
  kick(user);
  co_await wait_settled(user, kPatience);
}

awaitable<void> Matchmaker::State::back(UserId user) {
  Person* person = here(user);
  if (!person || person->present) co_return;
  person->present = true;
  kick(user);
  co_await wait_settled(user, kPatience);
}

awaitable<void> Matchmaker::State::depart(UserId user) {
  Person* person = here(user);
  if (!person) co_return;
  person->gone = true;
  person->quest.reset();
  person->lounge.reset();
  if (person->place == Place::room) {
    const RoomId room = person->room;
    co_await end_room(room, CloseReason::left, user);
  }
  kick(user);
  co_await wait_settled(user, kPatience);
}

void Matchmaker::State::block(UserId a, UserId b) {
  if (Person* person = people_.find(a)) person->blocked.insert(b);
  if (Person* person = people_.find(b)) person->blocked.insert(a);
  tasks_.spawn("block", announce_block(a, b));
}

void Matchmaker::State::unblock(UserId a, UserId b) {
  if (Person* person = people_.find(a)) person->blocked.erase(b);
  if (Person* person = people_.find(b)) person->blocked.erase(a);
}

// The other host hears of it through the log; a new sign-in reads it from the database anyway.
awaitable<void> Matchmaker::State::announce_block(UserId a, UserId b) {
  try {
    co_await pool_.announce_block(a, b);
  } catch (const system_error& error) {
    if (error.code() == net::error::operation_aborted) throw;
    env_.log.warn("block_not_announced", "why", what(error));
  }
}

Presence Matchmaker::State::presence() const {
  Presence out;
  if (!replica_) return out;
  out.searching = replica_->engine().searching();
  out.in_rooms = 2 * replica_->rooms();
  out.searching_by_interest = replica_->engine().searching_by_interest();
  out.wait = waits_.quantiles();
  return out;
}

}  // namespace seendr::match
