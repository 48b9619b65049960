// The searches of the engine: best partner, survey, explanation.
#include <algorithm>
#include <cassert>

#include "match/engine.hpp"

namespace seendr::match {
namespace {

bool holds(const People* people, UserId user) {
  return people && people->contains(user);
}

std::vector<std::uint32_t> ascending(std::vector<std::uint32_t> interests) {
  std::sort(interests.begin(), interests.end());
  return interests;
}

}  // namespace

std::optional<Candidate> Engine::best(const Seeker& seeker) const {
  assert(seeker.attributes && seeker.interests);
  ++search_;
  Hit hit = best_shared(seeker);
  if (hit.score < 0 && seeker.need <= 0) hit = longest_waiting(seeker);
  if (hit.score < 0) return std::nullopt;
  const Ticket& ticket = slots_[hit.slot].ticket;
  return Candidate{ticket.user, ticket.version, ticket.instance,
                   shared(ascending(*seeker.interests), ticket.interests), hit.score};
}

Engine::Hit Engine::best_shared(const Seeker& seeker) const {
  touched_.clear();
  for (const std::uint32_t interest : *seeker.interests) {
    const auto it = by_interest_.find(interest);
    if (it == by_interest_.end()) continue;
    const std::vector<Entry>& entries = it->second.entries;
    const int weight = interest_weight(seeker.profile, size(), entries.size());
    for (const Entry& entry : entries) {
      if (counts_[entry.slot]++ == 0) touched_.push_back(entry.slot);
      points_[entry.slot] = static_cast<std::uint16_t>(points_[entry.slot] + weight);
    }
  }
  const int least = std::max(1, seeker.need);
  Hit best;
  for (const SlotIndex slot : touched_) {
    const int count = counts_[slot];
    const int points = points_[slot];
    counts_[slot] = 0;
    points_[slot] = 0;
    if (count < least || marks_[slot] != 0) continue;
    const std::uint32_t kind = kind_of_[slot];
    const Judgement& judgement = judge(seeker, kind);
    if (!judgement.fits || count < kinds_[kind].attributes.own_minimum()) continue;
    const int score = points + judgement.bonus;
    if (score < best.score || (score == best.score && !older(slot, best.slot))) continue;
    if (refused(seeker, slots_[slot].ticket.user)) continue;
    best = Hit{slot, score};
  }
  return best;
}

Engine::Hit Engine::longest_waiting(const Seeker& seeker) const {
  for (const auto& [t0, version, slot] : by_age_) {
    if (marks_[slot] != 0) continue;
    const std::uint32_t kind = kind_of_[slot];
    const Judgement& judgement = judge(seeker, kind);
    if (!judgement.fits || kinds_[kind].attributes.own_minimum() > 0) continue;
    if (!refused(seeker, slots_[slot].ticket.user)) return Hit{slot, judgement.bonus};
  }
  return Hit();
}

const Engine::Judgement& Engine::judge(const Seeker& seeker, std::uint32_t kind) const {
  Judgement& judgement = judgements_[kind];
  if (judgement.search == search_) return judgement;
  const Attributes& other = kinds_[kind].attributes;
  judgement.search = search_;
  judgement.fits = !conflict(*seeker.attributes, other);
  judgement.bonus = region_points(*seeker.attributes, other) + active_points(other);
  return judgement;
}

bool Engine::refused(const Seeker& seeker, UserId other) const {
  return other == seeker.user || holds(seeker.blocked, other) || holds(seeker.recent, other);
}

bool Engine::older(SlotIndex a, SlotIndex b) const {
  const Ticket& x = slots_[a].ticket;
  const Ticket& y = slots_[b].ticket;
  return x.t0_ms != y.t0_ms ? x.t0_ms < y.t0_ms : x.version < y.version;
}

Survey Engine::survey(const Seeker& seeker) const {
  Survey out;
  for (const Kind& kind : kinds_) {
    if (kind.tickets == 0) continue;
    const std::size_t hidden = kind.tickets - kind.offered;
    if (hidden > 0) out.excluded[Rule::unavailable] += hidden;
    if (kind.offered == 0) continue;
    const std::optional<Rule> rule = conflict(*seeker.attributes, kind.attributes);
    (rule ? out.excluded[*rule] : out.candidates) += kind.offered;
  }
  // People are counted under the rule of their class; those with a rule of their own move over.
  const auto move = [this, &seeker, &out](UserId user, std::optional<Rule> to) {
    const auto it = by_user_.find(user);
    if (it == by_user_.end()) return;
    const Attributes& attributes = kinds_[kind_of_[it->second]].attributes;
    std::optional<Rule> from = conflict(*seeker.attributes, attributes);
    if (marks_[it->second] != 0) from = Rule::unavailable;
    if (from && to) return;  // An earlier rule has counted them.
    std::size_t& count = from ? out.excluded[*from] : out.candidates;
    --count;
    if (from && count == 0) out.excluded.erase(*from);
    if (to) ++out.excluded[*to];
  };
  move(seeker.user, std::nullopt);
  if (seeker.blocked) {
    for (const UserId user : *seeker.blocked) {
      if (user != seeker.user) move(user, Rule::blocked);
    }
  }
  if (!seeker.recent) return out;
  for (const UserId user : *seeker.recent) {
    if (user != seeker.user && !holds(seeker.blocked, user)) move(user, Rule::cooldown);
  }
  return out;
}

std::optional<Explanation> Engine::explain(const Seeker& seeker, UserId other) const {
  const auto it = by_user_.find(other);
  if (it == by_user_.end()) return std::nullopt;
  const Ticket& ticket = slots_[it->second].ticket;
  Explanation out;
  for (const std::uint32_t interest : shared(ascending(*seeker.interests), ticket.interests)) {
    const std::size_t holders = by_interest_.at(interest).entries.size();
    out.score.interests.push_back({interest, interest_weight(seeker.profile, size(), holders)});
  }
  out.score.region = region_points(*seeker.attributes, ticket.attributes);
  out.score.active = active_points(ticket.attributes);

  const int count = static_cast<int>(out.score.interests.size());
  const int least = std::max(seeker.need, ticket.attributes.own_minimum());
  if (other == seeker.user) {
    out.excluded = Rule::self;
  } else if (marks_[it->second] != 0) {
    out.excluded = Rule::unavailable;
  } else if (const std::optional<Rule> rule = conflict(*seeker.attributes, ticket.attributes)) {
    out.excluded = rule;
  } else if (holds(seeker.blocked, other)) {
    out.excluded = Rule::blocked;
  } else if (holds(seeker.recent, other)) {
    out.excluded = Rule::cooldown;
  } else if (count < least) {
    out.excluded = Rule::shared_interests;
  }
  return out;
}

}  // namespace seendr::match
