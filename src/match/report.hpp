// What the matchmaker is asked for and what it reports: searches, pairs, progress, ends of rooms.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.hpp"
#include "base/ids.hpp"
#include "match/person.hpp"
#include "match/score.hpp"

namespace seendr::match {

// Why a room ended. `left`, `next`, `blocked`, `banned`: somebody's wish; `no_show`: somebody never
// entered; `partner_lost`: a socket did not come back; `gone`: the person no longer wanted the
// pair; `conflict`: put back wrongly after a fail-over; `expired`: nobody renewed its lease.
enum class CloseReason {
  left,
  next,
  no_show,
  partner_lost,
  blocked,
  banned,
  gone,
  conflict,
  expired
};

std::string_view name(CloseReason reason);
CloseReason parse_close_reason(
    std::string_view text);  // `gone` for what a later version may write.

// Why a search ended without a partner.
enum class NoMatchReason { empty_pool, no_shared_interest, timeout, cooldown };

std::string_view name(NoMatchReason reason);

// Why a search ended that was not asked to. `replaced`: another process searches for this person
// now. `partner_lost`: their place could not be kept.
enum class CancelReason { replaced, partner_lost };

std::string_view name(CancelReason reason);

// What a person asks for.
struct Search {
  UserId user;
  std::vector<std::uint32_t> interests;  // Dictionary ids, each once, at most kMaxInterests.
  Attributes attributes;                 // `active` is set by the matchmaker.
  bool standing = true;                  // false: one search, answered at once.
  bool lounge = false;                   // The ticket stays, not searching, after this search.
  std::optional<Millis> timeout;         // Of a standing search; cut to Options::search_timeout.
  Profile profile = Profile::rarity;
};

// What became of a request to search. Results come through the PairSink, also for `waiting`.
struct SearchOutcome {
  enum class Kind {
    waiting,  // Searching, or in the lounge; also while Redis is away, then as soon as it is back.
    in_room,  // The person sits in `room`.
    overloaded,   // Too many joins at this moment: try again.
    unavailable,  // Redis does not answer and the search was not a standing one.
    replaced,     // Withdrawn, or asked anew, before it began.
  };
  Kind kind = Kind::waiting;
  RoomId room;
};

// A pair, as one of its two people is told.
struct Told {
  UserId user;
  UserId peer;
  RoomId room;
  bool polite = false;  // The other side alone makes the first offer. Opposite for `peer`.
  std::vector<std::string> shared;  // Slugs.
  int score = 0;                    // 0 when unknown (again).
  Millis waited{0};
  bool again = false;        // Put back into a room that the person was already in.
  bool standing = false;     // A standing search found it.
  bool peer_silent = false;  // The partner's process gives no sign of life at the moment.
};

struct WaitQuantiles {
  Millis p50{0};
  Millis p90{0};
};

// How a standing search goes.
struct Progress {
  Millis waited{0};
  std::optional<WaitQuantiles> eta;  // Usual wait less the own one; absent until known.
  std::size_t candidates = 0;
  int need = 0;                        // Shared interests asked for now.
  std::optional<Millis> next_need_in;  // Absent: the need stays.
  std::size_t relax_step = 0;          // Index of the next point of the curve.
  std::map<Rule, std::size_t> excluded;
  // How many others search by each of the own interests. No zeros.
  std::map<std::uint32_t, std::size_t> searching;
};

// Implemented by whoever holds the sockets. Called on the matchmaker's executor, between two of its
// steps; must not block and not call the matchmaker back before it returns.
class PairSink {
 public:
  virtual ~PairSink() = default;

  // Once per person and room.
  virtual void on_match(const Told& told) = 0;

  // A search ended without a partner. One with `lounge` stays in the pool.
  virtual void on_no_match(UserId user, NoMatchReason reason) = 0;
  virtual void on_cancelled(UserId user, CancelReason reason) = 0;

  // Standing searches only: at once, at every change of the need, at least each 5 s.
  virtual void on_progress(UserId user, const Progress& progress) = 0;

  // The room of `user` ended; `by_self`: by this person's own call of close(), cancel() or
  // depart(). After `no_show` of the partner a standing search goes on by itself, with its old
  // place.
  virtual void on_room_end(UserId user, const RoomId& room, CloseReason reason, bool by_self) = 0;

  // The process that holds the partner of `user` fell silent, or is back.
  virtual void on_peer_host(UserId user, const RoomId& room, bool alive) = 0;
};

}  // namespace seendr::match
