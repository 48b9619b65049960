// Seats in rooms that this process learns of late: taken over, read back, restored.
#include "match/matchmaker_state.hpp"

namespace seendr::match {
namespace {

// A join that only takes over a seat: without a language it fits nobody, should the room be over.
JoinItem takeover(const Person& person) {
  return JoinItem{person.user, person.session, 0, encode(Attributes{}), ""};
}

}  // namespace

// Redis says that the person sits in this room, which may be news here: reads what the room is.
// nullopt when it is over, or known already; then the person's place is as it should be.
awaitable<std::optional<Matchmaker::State::Pair>> Matchmaker::State::read_pair(UserId user,
                                                                               RoomId room,
                                                                               UserId peer) {
  const std::optional<RoomRow> row = co_await pool_.room(room);
  const std::vector<UserId> other(1, peer);
  const auto peers = co_await pool_.records(other);

  Person& person = *people_.find(user);
  if (person.place == Place::room && person.room == room) co_return std::nullopt;
  if (people_.was_closed(room)) {  // The close is on its way: look again after it.
    person.place = Place::unknown;
    postpone(person);
    co_return std::nullopt;
  }
  if (!row) {
    person.place = Place::unknown;
    co_return std::nullopt;
  }
  const bool seated = peers.front() && peers.front()->seat && peers.front()->seat->room == room;
  const std::string peer_host = seated ? peers.front()->seat->instance : std::string();
  co_return Pair{room, row->claim, user, peer, instance_, peer_host, row->shared};
}

// The person was paired, and this process has not heard of it yet.
awaitable<void> Matchmaker::State::learn_seat(UserId user, RoomId room, UserId peer) {
  const std::optional<Pair> pair = co_await read_pair(user, room, peer);
  if (!pair) co_return;
  Person& person = *people_.find(user);
  if (person.away == room) {  // Paired through another process while they asked here.
    person.quest.reset();
    seat(person, *pair);
    person.has_entered = true;
    sink_.on_match(told_again(person));
  } else if (const auto reason = objection(person, peer)) {
    refuse(person, *pair, *reason);
  } else {
    accept(person, *pair, 0);
  }
}

Told Matchmaker::State::told_again(const Person& person) const {
  Told told;
  told.user = person.user;
  told.peer = person.peer;
  told.room = person.room;
  told.polite = person.user > person.peer;
  told.shared = person.shared;
  told.again = true;
  told.peer_silent = is_silent(person.peer_host);
  return told;
}

// Moves the seat of somebody who was in a room through another process to this one.
awaitable<void> Matchmaker::State::take_over_seat(UserId user) {
  const JoinItem item = takeover(*people_.find(user));
  const Joined outcome = co_await joins_.submit(item);
  const auto* in_room = std::get_if<InRoom>(&outcome);
  if (!in_room) {
    people_.find(user)->place = Place::unknown;  // The room is over; a ticket may be left behind.
    co_return;
  }
  const RoomId room = in_room->room;
  const UserId peer = in_room->peer;
  const std::optional<Pair> pair = co_await read_pair(user, room, peer);
  if (!pair) co_return;
  Person& person = *people_.find(user);
  seat(person, *pair);
  person.has_entered = true;
}

awaitable<void> Matchmaker::State::restore(UserId user) {
  const Person& before = *people_.find(user);
  const RoomId room = before.room;
  const LogId claim = before.claim;
  const Seat seat{user,
                  instance_,
                  before.session,
                  room,
                  before.peer,
                  before.claim,
                  encode_slugs(before.shared)};
  const Restored outcome = co_await pool_.restore(seat, options_.lease);
  Person* person = people_.find(user);
  if (person->place != Place::room || person->room != room) co_return;
  const auto* in_other = std::get_if<InRoom>(&outcome);
  if (!in_other) {
    probe_.reconciled("restored");
    person->must_restore = false;
    co_return;
  }
  // The older of the two rooms stays, unless we know that it is over.
  const RoomId other = in_other->room;
  const std::optional<RoomRow> row = co_await pool_.room(other);
  if (row && row->claim < claim && !people_.was_closed(other)) {
    co_await end_room_quietly(room, CloseReason::conflict);
  } else {
    const CloseItem item{other, CloseReason::conflict};
    co_await closes_.submit(item);
  }
}

}  // namespace seendr::match
