// Whose search is due next: earliest first, among equals whoever waits longest. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <tuple>
#include <vector>

#include "base/ids.hpp"

namespace seendr::match {

class Agenda {
 public:
  struct Entry {
    std::int64_t due_ms = 0;
    std::int64_t t0_ms = 0;
    UserId user;
    std::uint64_t quest = 0;  // An entry of a quest that is over, or was planned anew, is void.
  };

  void add(Entry entry) { entries_.push(entry); }
  std::optional<std::int64_t> next_due() const {
    if (entries_.empty()) return std::nullopt;
    return entries_.top().due_ms;
  }

  // The first entry that is due; nullopt when none is.
  std::optional<Entry> take_due(std::int64_t now_ms) {
    if (entries_.empty() || entries_.top().due_ms > now_ms) return std::nullopt;
    const Entry entry = entries_.top();
    entries_.pop();
    return entry;
  }

 private:
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      return std::tie(a.due_ms, a.t0_ms, a.user) > std::tie(b.due_ms, b.t0_ms, b.user);
    }
  };
  std::priority_queue<Entry, std::vector<Entry>, Later> entries_;
};

}  // namespace seendr::match
