#include "http/deadlines.hpp"

#include <algorithm>

namespace seendr::http {

void Deadlines::set(Entry& entry, std::int64_t at_ms) {
  clear(entry);
  entry.at_ms_ = at_ms;
  const std::int64_t here = now_ms_ / kSlotMs;
  const std::int64_t last = here + static_cast<std::int64_t>(kSlots) - 1;
  // Rounded up, so that a slot holds nothing that is due after it; never the slot of now, which
  // has been looked at.
  const std::int64_t slot = std::clamp((at_ms + kSlotMs - 1) / kSlotMs, here + 1, last);
  slots_[static_cast<std::size_t>(slot) % kSlots].push_back(entry);
}

void Deadlines::clear(Entry& entry) {
  if (entry.is_linked()) entry.unlink();
}

void Deadlines::advance(std::int64_t now_ms) {
  const std::int64_t from = now_ms_ / kSlotMs + 1;
  const std::int64_t to = now_ms / kSlotMs;
  now_ms_ = now_ms;
  const std::int64_t first = std::max(from, to - static_cast<std::int64_t>(kSlots) + 1);
  for (std::int64_t slot = first; slot <= to; ++slot) run_slot(slot, now_ms);
}

void Deadlines::run_slot(std::int64_t slot, std::int64_t now_ms) {
  List due;  // Entries set anew while we are here must not be met again.
  due.swap(slots_[static_cast<std::size_t>(slot) % kSlots]);
  while (!due.empty()) {
    Entry& entry = due.front();
    due.pop_front();
    if (entry.at_ms_ <= now_ms) {
      entry.expire(now_ms);
    } else {
      set(entry, entry.at_ms_);
    }
  }
}

}  // namespace seendr::http
