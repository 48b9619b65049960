#include "match/recovery.hpp"

namespace seendr::match {

Continuity continuity(LogId top, LogId last) {
  if (top == last) return Continuity::whole;
  return top > last ? Continuity::skipped : Continuity::lost;
}

SeatRepair seat_repair(const Person& person, const std::optional<Record>& record,
                       const std::string& instance, const std::optional<Lost>& lost) {
  if (record && record->seat) {
    const SeatRecord& seat = *record->seat;
    const bool same = seat.room == person.room;
    const bool through_other = seat.instance != instance && seat.session > person.session;
    if (same && (seat.instance == instance || through_other)) return SeatRepair::nothing;
    return SeatRepair::restore;  // The script tells which of two rooms stands in the way.
  }
  if (lost && lost->covers(person.claim)) return SeatRepair::restore;
  return SeatRepair::end;
}

TakeOutRepair take_out_repair(const TakenOut& taken, const std::optional<Record>& record,
                              const std::string& instance) {
  if (!record || record->instance() != instance || record->session > taken.session) {
    return TakeOutRepair::nothing;
  }
  if (record->ticket) return taken.room.empty() ? TakeOutRepair::leave : TakeOutRepair::nothing;
  if (!record->seat) return TakeOutRepair::nothing;
  const bool is_that_room = record->seat->room == taken.room;
  return taken.room.empty() || is_that_room ? TakeOutRepair::close : TakeOutRepair::nothing;
}

}  // namespace seendr::match
