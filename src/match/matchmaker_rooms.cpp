// Pairs and their ends: who is told, the last check before it, and the cool-down.
#include "match/matchmaker_state.hpp"

namespace seendr::match {

Matchmaker::State::PairView Matchmaker::State::view(UserId a, UserId b) {
  PairView out;
  out.score_a = score_for(a, b);
  out.score_b = score_for(b, a);
  for (const UserId user : {a, b}) {
    const Ticket* ticket = replica_->engine().find(user);
    if (!ticket || !ticket->attributes.active) continue;
    const Millis wait(std::max<std::int64_t>(0, server_.now_ms() - ticket->t0_ms));
    for (const auto& language : ticket->attributes.languages)
      out.waits.emplace_back(language, wait);
  }
  return out;
}

// How well `other` fits an own person; 0 when their tickets are no longer here.
int Matchmaker::State::score_for(UserId user, UserId other) {
  const Person* person = people_.find(user);
  const Ticket* ticket = replica_->engine().find(user);
  if (!person || !person->wish() || !ticket) return 0;
  Seeker seeker;
  seeker.user = user;
  seeker.attributes = &ticket->attributes;
  seeker.interests = &ticket->interests;
  seeker.profile = person->wish()->profile;
  const auto explanation = replica_->engine().explain(seeker, other);
  return explanation ? explanation->score.total() : 0;
}

// A pair was made, told by the claim's reply or by the log, whichever comes first.
void Matchmaker::State::paired(const Pair& pair, const PairView& seen) {
  for (const auto& [language, wait] : seen.waits) {
    waits_.note(wait, now());
    waits_by_language_.note(language, wait, now());
  }
  newest_reply_ = std::max(newest_reply_, pair.claim);
  if (people_.was_closed(pair.room)) return;

  const Pair turned{pair.room,       pair.claim,      pair.b,     pair.a,
                    pair.instance_b, pair.instance_a, pair.shared};
  std::vector<std::pair<const Pair*, int>> ours;
  for (const Pair* side : {&pair, &turned}) {
    if (side->instance_a != instance_) continue;
    const Person* person = people_.find(side->a);
    if (person && person->place == Place::room && person->room == pair.room) continue;
    ours.emplace_back(side, side == &pair ? seen.score_a : seen.score_b);
  }
  // Both sides are asked before either is told.
  for (const auto& [side, score] : ours) {
    Person* person = people_.find(side->a);
    const auto reason = person ? objection(*person, side->b) : CloseReason::gone;
    if (!reason) continue;
    if (person) {
      refuse(*person, *side, *reason);
    } else {
      people_.remember(TakenOut{side->a, 0, pair.room, *reason, now() + kRememberMs});
      tasks_.spawn("close", end_room_quietly(pair.room, *reason));
    }
  }
  for (const auto& [side, score] : ours) {
    Person* person = people_.find(side->a);
    if (!person) continue;
    if (people_.was_closed(pair.room)) {
      const bool was_claimed = person->place == Place::ticket && person->version < pair.claim;
      if (was_claimed) person->place = Place::unknown;
      person->in_claim = false;
      postpone(*person);
    } else {
      accept(*person, *side, score);
    }
  }
}

// The last check: why the person is not to be told of this pair.
std::optional<CloseReason> Matchmaker::State::objection(const Person& person, UserId peer) const {
  if (person.place == Place::room) return CloseReason::conflict;
  if (!person.is_matchable()) return CloseReason::gone;
  if (person.blocked.contains(peer)) return CloseReason::blocked;
  return std::nullopt;
}

void Matchmaker::State::seat(Person& person, const Pair& pair) {
  people_.seat(person, pair.room, pair.b, pair.claim);
  person.peer_host = pair.instance_b;
  person.shared = pair.shared;
}

void Matchmaker::State::accept(Person& person, const Pair& pair, int score) {
  std::optional<Quest> quest = std::move(person.quest);
  person.quest.reset();
  seat(person, pair);
  person.found = quest;
  note_recent(person, pair.b);
  fresh_.push_back(person.user);
  no_shows_.push_back(Deadline{now() + options_.no_show.count(), person.user, pair.room, 0});

  Told told;
  told.user = person.user;
  told.peer = pair.b;
  told.room = pair.room;
  told.polite = person.user > pair.b;
  told.shared = pair.shared;
  told.score = score;
  told.waited = Millis(quest ? now() - quest->started_ms : 0);
  told.standing = quest && quest->search.standing;
  told.peer_silent = is_silent(person.peer_host);
  if (quest) probe_.paired(told.waited, pair.shared.size());
  sink_.on_match(told);
}

// The pair was made too late for this person: the room is closed instead of told.
void Matchmaker::State::refuse(Person& person, const Pair& pair, CloseReason reason) {
  env_.log.debug("pair_refused", "user", person.user.text(), "reason", name(reason));
  person.in_claim = false;
  if (person.place != Place::room) {
    person.place = Place::unknown;
    postpone(person);
  }
  people_.remember(TakenOut{person.user, person.session, pair.room, reason, now() + kRememberMs});
  tasks_.spawn("close", end_room_quietly(pair.room, reason));
}

// Partners do not meet again for a while, wherever the person searches next.
void Matchmaker::State::note_recent(Person& person, UserId peer) {
  const std::int64_t until = server_.now_ms() + options_.cooldown.count();
  note_partner(person.recent, Partner{peer, until}, options_.cooldown_partners);
  tasks_.spawn("recent", write_recent(person.user, encode_recent(person.recent)));
}

awaitable<void> Matchmaker::State::write_recent(UserId user, std::string recent) {
  try {
    co_await pool_.remember_recent(user, std::move(recent));
  } catch (const redis::ServerError&) {
    throw;
  } catch (const system_error& error) {
    if (error.code() == net::error::operation_aborted) throw;
    env_.log.debug("recent_not_written", "user", user.text(), "why", what(error));
  }
}

awaitable<bool> Matchmaker::State::close(UserId user, RoomId room, CloseReason reason) {
  const Person* person = people_.find(user);
  if (!person || person->place != Place::room || person->room != room) co_return false;
  std::optional<UserId> by;  // Nobody closes a room because of a lost partner: who is left is told.
  if (reason != CloseReason::partner_lost) by = user;
  co_return co_await end_room(std::move(room), reason, by);
}

// Ends a room. Our people are out of it afterwards, also when Redis does not answer: then the close
// is repeated until it does.
awaitable<bool> Matchmaker::State::end_room(RoomId room, CloseReason reason,
                                            std::optional<UserId> by) {
  const CloseItem item{room, reason};
  if (by) closing_.insert_or_assign(room, *by);
  bool ended = true;
  try {
    ended = co_await closes_.submit(item);
  } catch (const system_error& error) {
    if (error.code() == net::error::operation_aborted) throw;
    if (error.code() == Errc::stale_epoch) saw_stale_epoch_ = true;
    unclosed_.push_back(item);
  }
  room_over(room, reason);
  closing_.erase(room);
  co_return ended;
}

awaitable<void> Matchmaker::State::end_room_quietly(RoomId room, CloseReason reason) {
  co_await end_room(std::move(room), reason, std::nullopt);
}

// The room has ended: by the reply to our close or by the log, whichever comes first.
void Matchmaker::State::room_over(RoomId room, CloseReason reason) {
  const auto closing = closing_.find(room);
  for (Person* person : people_.in_room(room)) {
    const UserId user = person->user;
    const bool by_self = closing != closing_.end() && closing->second == user;
    std::optional<Quest> quest;
    // Who waited for somebody who never came searches on, with the old place.
    if (reason == CloseReason::no_show && person->has_entered && !by_self) quest = person->found;
    people_.unseat(*person);
    people_.remember(TakenOut{user, person->session, room, reason, now() + kRememberMs});
    if (quest && quest->search.standing) {
      quest->number = ++quests_;
      quest->due_ms = -1;
      quest->need = -1;
      person->quest = std::move(quest);
    } else {
      person->t0_ms = 0;
    }
    sink_.on_room_end(user, room, reason, by_self);
    kick(user);
  }
}

awaitable<std::optional<std::string>> Matchmaker::State::seat_host(UserId user, RoomId room) {
  const std::vector<UserId> one(1, user);
  const auto records = co_await pool_.records(one);
  const std::optional<Record>& record = records.front();
  if (!record || !record->seat || record->seat->room != room) co_return std::nullopt;
  co_return record->seat->instance;
}

awaitable<bool> Matchmaker::State::follow_peer(UserId user, RoomId room) {
  const Person* person = people_.find(user);
  if (!person || person->place != Place::room || person->room != room) co_return false;
  const UserId peer = person->peer;
  const std::optional<std::string> host = co_await seat_host(peer, room);
  Person* still = people_.find(user);
  if (!host || !still || still->place != Place::room || still->room != room) co_return false;
  if (still->peer_host == *host) co_return false;
  still->peer_host = *host;
  co_return true;
}

void Matchmaker::State::entered(UserId user, const RoomId& room) {
  Person* person = people_.find(user);
  if (person && person->place == Place::room && person->room == room) person->has_entered = true;
}

}  // namespace seendr::match
