// What Redis holds of one person and of one room, as text and back. Pure.
//
//   A|ver|instance|session|t0|attrs|interests   available
//   H|ver|instance|session|t0|attrs|interests   held
//   M|room|instance|session|peer|claim_id       paired
//   F|||session|                                fence
//
//   a|b|claim_id|created_ms|shared              a room
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "match/person.hpp"

namespace seendr::match {

// A place in a room.
struct SeatRecord {
  RoomId room;
  std::string instance;
  std::uint64_t session = 0;
  UserId peer;
  LogId claim;

  bool operator==(const SeatRecord&) const = default;
};

// Exactly one of ticket and seat, or neither for a fence.
struct Record {
  std::optional<Ticket> ticket;
  std::optional<SeatRecord> seat;
  std::uint64_t session = 0;

  const std::string& instance() const;  // Empty for a fence.
};

struct RoomRow {
  UserId a;
  UserId b;
  LogId claim;
  std::int64_t created_ms = 0;
  std::vector<std::string> shared;  // Slugs.
};

// nullopt for anything else than the texts above.
std::optional<Record> parse_record(UserId user, std::string_view text);
std::optional<RoomRow> parse_room_row(std::string_view text);

}  // namespace seendr::match
