// What to do about an own person when Redis and this process may disagree: after a gap in the log,
// or after a fail-over that lost the last writes. Pure.
#pragma once

#include <optional>
#include <string>

#include "match/own_people.hpp"
#include "match/record.hpp"

namespace seendr::match {

// Entries that Redis had acknowledged and no longer has.
struct Lost {
  LogId after;
  LogId upto;

  bool covers(LogId id) const { return after < id && id <= upto; }
};

// How the log goes on after a new epoch.
enum class Continuity {
  whole,    // Nothing is missing.
  skipped,  // Entries that this process has not read: take a snapshot.
  lost,     // Redis lost entries: snapshot, and set right what they told.
};

// `top`: the last entry that the server knew; `last`: the last one that this process read.
Continuity continuity(LogId top, LogId last);

// For somebody in a room here.
enum class SeatRepair {
  nothing,
  restore,  // Put the person back: what they were told stays true.
  end,      // The room ended unheard.
};
SeatRepair seat_repair(const Person& person, const std::optional<Record>& record,
                       const std::string& instance, const std::optional<Lost>& lost);

// For somebody whom this process took out of pool or room: what Redis forgot of that.
enum class TakeOutRepair { nothing, leave, close };
TakeOutRepair take_out_repair(const TakenOut& taken, const std::optional<Record>& record,
                              const std::string& instance);

}  // namespace seendr::match
