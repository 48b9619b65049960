// The events of the pool's log as text and back. Pure.
//
//   J|uid|instance|session|t0|attrs|interests   a ticket; the entry's id is its version
//   H|uid|ver   U|uid|ver                       held; available again
//   L|uid|ver|reason                            the ticket is gone
//   C|room|a|b|instance_a|instance_b|shared     a pair; the entry's id is the claim id
//   E|room|a|b|reason                           the room ended
//   S|uid|room|peer|claim_id|shared             a seat put back after a fail-over
//   B|instance|server_ms                        a process lives
//   K|a|b                                       a blocked b
//   R|run_id|top                                a new epoch; top: the last entry the server knew
//
// `shared` is a list of slugs with commas.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "match/person.hpp"
#include "match/report.hpp"

namespace seendr::match {

namespace event {

struct Joined {
  Ticket ticket;
};
struct Held {
  UserId user;
  LogId version;
  bool held = true;  // false: available again.
};
struct Left {
  UserId user;
  LogId version;
  std::string reason;
};
struct Claimed {
  RoomId room;
  UserId a;
  UserId b;
  std::string instance_a;
  std::string instance_b;
  std::vector<std::string> shared;
};
struct Ended {
  RoomId room;
  UserId a;
  UserId b;
  CloseReason reason = CloseReason::gone;
};
struct Seated {
  UserId user;
  RoomId room;
  UserId peer;
  LogId claim;
  std::vector<std::string> shared;
};
struct Beat {
  std::string instance;
  std::int64_t server_ms = 0;
};
struct Blocked {
  UserId a;
  UserId b;
};
struct Restarted {
  std::string run_id;
  LogId top;
};

}  // namespace event

using LogEvent = std::variant<event::Joined, event::Held, event::Left, event::Claimed, event::Ended,
                              event::Seated, event::Beat, event::Blocked, event::Restarted>;

// Reads one entry. nullopt for what is unknown or malformed: a reader skips it. A ticket whose
// attributes or interests cannot be read has none, so it fits nobody.
std::optional<LogEvent> parse_event(LogId id, std::string_view text);

std::string encode(const LogEvent& event);

// Why a ticket is gone, as `L` tells.
inline constexpr std::string_view kExpired = "expired";
inline constexpr std::string_view kInstanceDead = "instance_dead";

// Text at each `separator`; one empty field for the empty text.
std::vector<std::string_view> split(std::string_view text, char separator);

std::vector<std::string> parse_slugs(std::string_view text);  // The empty text is no slugs.
std::string encode_slugs(const std::vector<std::string>& slugs);

}  // namespace seendr::match
