// The engine as one would write it without any index: the oracle that the real one must agree with.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "match/engine.hpp"

namespace seendr::match {

class NaivePool {
 public:
  struct Row {
    Ticket ticket;
    bool reserved = false;
    bool doubted = false;
  };

  std::map<UserId, Row> rows;
  std::set<std::string> dead;

  void insert(const Ticket& ticket) {
    Row& row = rows[ticket.user];
    if (row.ticket.version < ticket.version) row = Row{ticket, false, false};
  }

  bool offered(const Row& row) const {
    return !row.ticket.held && !row.reserved && !row.doubted && !dead.contains(row.ticket.instance);
  }

  struct Winner {
    UserId user;
    int score;
    int shared;
  };

  // Once after changes, before best() and score().
  void count_holders() {
    holders_.clear();
    for (const auto& [user, row] : rows) {
      for (const std::uint32_t interest : row.ticket.interests) ++holders_[interest];
    }
  }

  std::optional<Winner> best(const Seeker& seeker) const {
    std::optional<Winner> found = scan(seeker, std::max(1, seeker.need));
    if (!found && seeker.need == 0) found = scan(seeker, 0);
    return found;
  }

  std::optional<Rule> excluded(const Seeker& seeker, const Row& row) const {
    const Attributes& a = *seeker.attributes;
    const Attributes& b = row.ticket.attributes;
    if (row.ticket.user == seeker.user) return Rule::self;
    if (!offered(row)) return Rule::unavailable;
    std::set<std::string> languages(a.languages.begin(), a.languages.end());
    bool common = false;
    for (const std::string& language : b.languages) common = common || languages.contains(language);
    if (!common) return Rule::language;
    if (a.adult != b.adult) return Rule::age;
    if (a.mode != b.mode) return Rule::mode;
    if (a.region_policy == RegionPolicy::strict && !wants(a, b)) return Rule::region;
    if (b.region_policy == RegionPolicy::strict && !wants(b, a)) return Rule::region;
    if (seeker.blocked && seeker.blocked->contains(row.ticket.user)) return Rule::blocked;
    if (seeker.recent && seeker.recent->contains(row.ticket.user)) return Rule::cooldown;
    return std::nullopt;
  }

  std::set<std::uint32_t> common(const Seeker& seeker, const Row& row) const {
    const std::set<std::uint32_t> own(seeker.interests->begin(), seeker.interests->end());
    std::set<std::uint32_t> out;
    for (const std::uint32_t i : row.ticket.interests) {
      if (own.contains(i)) out.insert(i);
    }
    return out;
  }

  int score(const Seeker& seeker, const Row& row) const {
    const Attributes& a = *seeker.attributes;
    const Attributes& b = row.ticket.attributes;
    int sum = b.active ? 1 : 0;
    const bool near = a.wanted.empty() ? !a.region.empty() && a.region == b.region
                                       : std::count(a.wanted.begin(), a.wanted.end(), b.region) > 0;
    if (near) sum += 2;
    for (const std::uint32_t interest : common(seeker, row)) {
      sum += 4;
      if (seeker.profile == Profile::count) continue;
      const double rarity = static_cast<double>(rows.size()) / holders_.at(interest);
      sum += std::min(4, static_cast<int>(std::floor(std::log2(rarity) / 2.5)));
    }
    return sum;
  }

 private:
  static bool wants(const Attributes& a, const Attributes& b) {
    if (a.wanted.empty()) return a.region.empty() || a.region == b.region;
    return std::count(a.wanted.begin(), a.wanted.end(), b.region) > 0;
  }

  // With `least` 0 whoever waits longest, else the best score of those who share that many.
  std::optional<Winner> scan(const Seeker& seeker, int least) const {
    const Row* best = nullptr;
    int best_score = -1;
    for (const auto& [user, row] : rows) {
      if (excluded(seeker, row)) continue;
      const int overlap = static_cast<int>(common(seeker, row).size());
      const Attributes& b = row.ticket.attributes;
      if (b.policy == Policy::strict && overlap < b.min_shared) continue;
      if (overlap < least) continue;
      const int points = least == 0 ? 0 : score(seeker, row);
      const bool better =
          !best || points > best_score || (points == best_score && older(row, *best));
      if (!better) continue;
      best = &row;
      best_score = points;
    }
    if (!best) return std::nullopt;
    return Winner{best->ticket.user, score(seeker, *best),
                  static_cast<int>(common(seeker, *best).size())};
  }

  static bool older(const Row& a, const Row& b) {
    return std::pair(a.ticket.t0_ms, a.ticket.version) <
           std::pair(b.ticket.t0_ms, b.ticket.version);
  }

  std::map<std::uint32_t, int> holders_;
};

}  // namespace seendr::match
