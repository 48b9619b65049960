// The people whose sockets this process holds: what each of them wants, and what Redis is known to
// hold of them. Pure; the matchmaker brings the second in line with the first.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "match/engine.hpp"
#include "match/report.hpp"

namespace seendr::match {

// Where a person is, as far as this process knows.
enum class Place {
  none,       // Neither in the pool nor in a room.
  unknown,    // A reply was lost.
  ticket,     // In the pool, can be claimed.
  held,       // In the pool, keeps the place.
  room,       // In `room`, seated here.
  elsewhere,  // In the pool or in a room through another process.
};

// A search under way.
struct Quest {
  std::uint64_t number = 0;  // Of all quests of this process.
  Search search;
  std::int64_t started_ms = 0;  // Monotonic, as all times here but t0.
  std::optional<std::int64_t> deadline_ms;
  std::int64_t due_ms = -1;  // The next search; -1: not planned.
  int lost_claims = 0;       // In a row.
  int need = -1;             // As reported last.
  std::int64_t reported_ms = 0;
};

struct Partner {
  UserId user;
  std::int64_t until_ms = 0;  // By the clock of Redis.
};

struct Person {
  UserId user;
  People blocked;              // In both directions.
  std::deque<Partner> recent;  // Within the cool-down, oldest first.

  bool present = true;       // A socket is here.
  bool gone = false;         // To be forgotten when nothing is left in Redis.
  std::uint64_t losses = 0;  // How often the last socket was lost.
  std::optional<Quest> quest;
  std::optional<Search> lounge;  // To be in the pool without searching.

  std::uint64_t session = 0;  // 0: a new number is needed.
  Place place = Place::none;
  bool is_uncertain = false;  // A join may still arrive at Redis: leave with a fence.
  std::string leave_reason;

  LogId version;           // Of the ticket.
  std::int64_t t0_ms = 0;  // Of the ticket or the last one; 0: the next one begins anew.
  Attributes attributes;
  std::vector<std::uint32_t> interests;
  bool in_claim = false;  // In a claim of this process that is under way.

  RoomId room;
  UserId peer;
  LogId claim;
  std::string peer_host;  // Empty: unknown.
  std::vector<std::string> shared;
  bool has_entered = false;
  bool must_restore = false;   // Redis has forgotten the seat.
  std::optional<Quest> found;  // The quest that led into the room.

  RoomId away;  // The room that they are in through another process.

  bool is_driven = false;  // A coroutine talks to Redis for this person.
  int failures = 0;        // In a row.
  std::int64_t retry_ms = 0;

  // What they want to be in the pool with; nullptr: not at all.
  const Search* wish() const;
  Attributes wished_attributes() const;

  // Whether somebody may be given to them: they search, or are in the lounge.
  bool is_matchable() const { return !gone && (quest || lounge); }

  // Whether the ticket says what they want.
  bool fits_wish() const;

  void enter_pool(LogId ticket_version, std::int64_t t0, Place where);
  void leave_room();
};

// The next thing to do in Redis for a person.
enum class Step {
  nothing,
  look,  // Read what Redis holds.
  join,
  leave,
  hold,
  release,
  restore,  // Put the person back into the room.
};
Step next_step(const Person& person);

// Whom this process took out of pool or room lately. After a fail-over Redis may have forgotten
// that.
struct TakenOut {
  UserId user;
  std::uint64_t session = 0;
  RoomId room;  // Empty: out of the pool.
  CloseReason reason = CloseReason::left;
  std::int64_t until_ms = 0;
};

class OwnPeople {
 public:
  // nullptr when the person is not here. Valid until the person is removed.
  Person* find(UserId user);
  Person& add(UserId user);
  void remove(UserId user) { people_.erase(user); }
  std::size_t size() const { return people_.size(); }
  std::vector<UserId> all() const;

  // Those seated in this room here, at most two.
  std::vector<Person*> in_room(const RoomId& room);
  void seat(Person& person, RoomId room, UserId peer, LogId claim);
  void unseat(Person& person);

  // The next people whose leases are to be renewed: in `rounds` calls everybody once.
  std::vector<UserId> next_to_renew(std::size_t rounds);

  void remember(TakenOut taken);
  void forget_taken_before(std::int64_t now_ms);
  const std::deque<TakenOut>& taken_out() const { return taken_out_; }
  bool was_closed(const RoomId& room) const { return closed_.contains(room); }

 private:
  void forget_oldest();

  std::unordered_map<UserId, Person> people_;
  std::unordered_map<RoomId, std::vector<UserId>> by_room_;
  std::deque<UserId> to_renew_;
  std::size_t renew_share_ = 1;
  std::deque<TakenOut> taken_out_;
  std::unordered_multiset<RoomId> closed_;  // The rooms in taken_out_.
};

// The partners as text and back: `partner:until,...`.
std::string encode_recent(const std::deque<Partner>& recent);
std::deque<Partner> parse_recent(std::string_view text);

// Adds a partner, keeps the last `limit`.
void note_partner(std::deque<Partner>& recent, Partner partner, std::size_t limit);

// Drops those whose time has passed and returns the others.
People cooling_down(std::deque<Partner>& recent, std::int64_t server_ms);

}  // namespace seendr::match
