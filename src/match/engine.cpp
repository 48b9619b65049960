#include "match/engine.hpp"

#include <algorithm>
#include <cassert>

namespace seendr::match {
namespace {

// Why a slot is not offered.
constexpr std::uint8_t kHeld = 1;
constexpr std::uint8_t kReserved = 2;
constexpr std::uint8_t kDoubted = 4;
constexpr std::uint8_t kDeadHost = 8;
constexpr std::uint8_t kEmpty = 16;

// Groups of languages that nobody speaks any more are kept for their rate, up to this many.
constexpr std::size_t kMaxSpeakers = 1024;

std::vector<std::string> as_set(std::vector<std::string> tags) {
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

bool intersects(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&b](const std::string& tag) {
    return std::find(b.begin(), b.end(), tag) != b.end();
  });
}

}  // namespace

Engine::Engine(Millis rate_window) : rate_window_(rate_window) {}

Inserted Engine::insert(Ticket ticket) {
  std::sort(ticket.interests.begin(), ticket.interests.end());
  const auto last = std::unique(ticket.interests.begin(), ticket.interests.end());
  ticket.interests.erase(last, ticket.interests.end());

  Inserted outcome = Inserted::added;
  if (const Ticket* old = find(ticket.user)) {
    if (old->version >= ticket.version) return Inserted::stale;
    take_out(by_user_.at(ticket.user));
    outcome = Inserted::replaced;
  }
  SlotIndex slot = static_cast<SlotIndex>(slots_.size());
  if (free_slots_.empty()) {
    slots_.emplace_back();
    marks_.push_back(kEmpty);
    kind_of_.push_back(0);
    points_.push_back(0);
    counts_.push_back(0);
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  slots_[slot].ticket = std::move(ticket);
  index(slot);
  return outcome;
}

bool Engine::remove(UserId user, LogId version) {
  if (!slot_of(user, version)) return false;
  take_out(by_user_.at(user));
  return true;
}

bool Engine::remove_before(UserId user, LogId entry) {
  const Ticket* ticket = find(user);
  if (!ticket || ticket->version >= entry) return false;
  take_out(by_user_.at(user));
  return true;
}

bool Engine::hold(UserId user, LogId version) {
  if (!mark(user, version, kHeld, kDoubted)) return false;
  slots_[by_user_.at(user)].ticket.held = true;
  return true;
}

bool Engine::release(UserId user, LogId version) {
  if (!mark(user, version, 0, kHeld | kDoubted)) return false;
  slots_[by_user_.at(user)].ticket.held = false;
  return true;
}

bool Engine::reserve(UserId user, LogId version) {
  return mark(user, version, kReserved, 0);
}

bool Engine::unreserve(UserId user, LogId version) {
  return mark(user, version, 0, kReserved | kDoubted);
}

bool Engine::doubt(UserId user, LogId version) {
  return mark(user, version, kDoubted, kReserved);
}

void Engine::set_host_alive(const std::string& instance, bool alive) {
  const std::uint32_t host = host_for(instance);
  if (hosts_[host].alive == alive) return;
  hosts_[host].alive = alive;
  if (hosts_[host].tickets == 0) return;
  for (SlotIndex slot = 0; slot < slots_.size(); ++slot) {
    if (marks_[slot] == kEmpty || slots_[slot].host != host) continue;
    const int marks = alive ? marks_[slot] & ~kDeadHost : marks_[slot] | kDeadHost;
    set_marks(slot, static_cast<std::uint8_t>(marks));
  }
}

const Ticket* Engine::find(UserId user) const {
  const auto it = by_user_.find(user);
  return it == by_user_.end() ? nullptr : &slots_[it->second].ticket;
}

bool Engine::is_offered(UserId user) const {
  const auto it = by_user_.find(user);
  return it != by_user_.end() && marks_[it->second] == 0;
}

std::size_t Engine::searching(std::uint32_t interest) const {
  const auto it = by_interest_.find(interest);
  return it == by_interest_.end() ? 0 : it->second.searching;
}

std::map<std::uint32_t, std::size_t> Engine::searching_by_interest() const {
  std::map<std::uint32_t, std::size_t> out;
  for (const auto& [interest, posting] : by_interest_) {
    if (posting.searching > 0) out.emplace(interest, posting.searching);
  }
  return out;
}

void Engine::for_each(const std::function<void(const Ticket&)>& visit) const {
  for (const auto& [t0, version, slot] : by_age_) visit(slots_[slot].ticket);
}

std::vector<std::pair<UserId, LogId>> Engine::tickets_of(const std::string& instance,
                                                         std::size_t limit) const {
  std::vector<std::pair<UserId, LogId>> out;
  const auto host = host_by_name_.find(instance);
  if (host == host_by_name_.end() || hosts_[host->second].tickets == 0) return out;
  for (const auto& [t0, version, slot] : by_age_) {
    if (out.size() == limit) break;
    if (slots_[slot].host == host->second) out.emplace_back(slots_[slot].ticket.user, version);
  }
  return out;
}

void Engine::note_arrival(const Attributes& attributes, std::int64_t now_ms) {
  speakers_[speakers_for(attributes.languages)].arrivals.note(now_ms);
}

Crowd Engine::crowd(UserId user, const Attributes& attributes, std::int64_t now_ms) const {
  Crowd crowd;
  for (const Speakers& group : speakers_) {
    if (!intersects(group.languages, attributes.languages)) continue;
    crowd.others += group.offered;
    crowd.joins_per_s += group.arrivals.per_second(now_ms);
  }
  const Ticket* own = find(user);
  if (own && is_offered(user) && intersects(own->attributes.languages, attributes.languages)) {
    --crowd.others;
  }
  return crowd;
}

Engine::Slot* Engine::slot_of(UserId user, LogId version) {
  const auto it = by_user_.find(user);
  if (it == by_user_.end() || slots_[it->second].ticket.version != version) return nullptr;
  return &slots_[it->second];
}

bool Engine::mark(UserId user, LogId version, std::uint8_t set, std::uint8_t clear) {
  if (!slot_of(user, version)) return false;
  const SlotIndex slot = by_user_.at(user);
  set_marks(slot, static_cast<std::uint8_t>((marks_[slot] & ~clear) | set));
  return true;
}

void Engine::set_marks(SlotIndex slot, std::uint8_t marks) {
  const bool was = marks_[slot] == 0;
  const bool is = marks == 0;
  marks_[slot] = marks;
  if (was == is) return;
  Kind& kind = kinds_[kind_of_[slot]];
  Speakers& group = speakers_[kind.speakers];
  if (is) {
    ++kind.offered;
    ++group.offered;
  } else {
    --kind.offered;
    --group.offered;
  }
}

void Engine::index(SlotIndex index) {
  Slot& slot = slots_[index];
  const Ticket& ticket = slot.ticket;
  slot.host = host_for(ticket.instance);
  kind_of_[index] = kind_for(ticket.attributes);
  ++kinds_[kind_of_[index]].tickets;
  ++hosts_[slot.host].tickets;
  slot.places.clear();
  for (std::size_t nth = 0; nth < ticket.interests.size(); ++nth) {
    Posting& posting = by_interest_[ticket.interests[nth]];
    slot.places.push_back(static_cast<std::uint32_t>(posting.entries.size()));
    posting.entries.push_back({index, static_cast<std::uint32_t>(nth)});
    if (ticket.attributes.active) ++posting.searching;
  }
  if (ticket.attributes.active) ++searching_;
  by_user_[ticket.user] = index;
  by_age_.emplace(ticket.t0_ms, ticket.version, index);
  const int marks = (ticket.held ? kHeld : 0) | (hosts_[slot.host].alive ? 0 : kDeadHost);
  set_marks(index, static_cast<std::uint8_t>(marks));
}

void Engine::unindex(SlotIndex index) {
  Slot& slot = slots_[index];
  const Ticket& ticket = slot.ticket;
  set_marks(index, kEmpty);
  for (std::size_t nth = 0; nth < ticket.interests.size(); ++nth) {
    const auto it = by_interest_.find(ticket.interests[nth]);
    Posting& posting = it->second;
    const std::uint32_t place = slot.places[nth];
    const Entry moved = posting.entries.back();
    posting.entries[place] = moved;
    slots_[moved.slot].places[moved.nth] = place;
    posting.entries.pop_back();
    if (ticket.attributes.active) --posting.searching;
    if (posting.entries.empty()) by_interest_.erase(it);
  }
  if (ticket.attributes.active) --searching_;
  by_user_.erase(ticket.user);
  by_age_.erase({ticket.t0_ms, ticket.version, index});
  --hosts_[slot.host].tickets;
  leave_kind(kind_of_[index]);
}

void Engine::take_out(SlotIndex slot) {
  unindex(slot);
  slots_[slot].ticket = Ticket();
  free_slots_.push_back(slot);
}

std::uint32_t Engine::kind_for(const Attributes& attributes) {
  std::string key = encode(attributes);
  const auto [it, is_new] = kind_by_key_.try_emplace(std::move(key), 0);
  if (!is_new) return it->second;
  std::uint32_t index = static_cast<std::uint32_t>(kinds_.size());
  if (free_kinds_.empty()) {
    kinds_.emplace_back();
    judgements_.emplace_back();
  } else {
    index = free_kinds_.back();
    free_kinds_.pop_back();
  }
  it->second = index;
  judgements_[index] = Judgement();
  const std::uint32_t group = speakers_for(attributes.languages);
  ++speakers_[group].kinds;
  kinds_[index] = Kind{attributes, it->first, group, 0, 0};
  return index;
}

void Engine::leave_kind(std::uint32_t index) {
  Kind& kind = kinds_[index];
  if (--kind.tickets > 0) return;
  assert(kind.offered == 0);
  --speakers_[kind.speakers].kinds;
  kind_by_key_.erase(kind.key);
  kind = Kind();
  free_kinds_.push_back(index);
}

std::uint32_t Engine::speakers_for(const std::vector<std::string>& languages) {
  std::vector<std::string> key = as_set(languages);
  std::size_t unused = speakers_.size();
  for (std::size_t i = 0; i < speakers_.size(); ++i) {
    if (speakers_[i].languages == key) return static_cast<std::uint32_t>(i);
    if (speakers_[i].kinds == 0) unused = i;
  }
  Speakers fresh{std::move(key), 0, 0, ArrivalRate(rate_window_)};
  if (speakers_.size() >= kMaxSpeakers && unused < speakers_.size()) {
    speakers_[unused] = std::move(fresh);
    return static_cast<std::uint32_t>(unused);
  }
  speakers_.push_back(std::move(fresh));
  return static_cast<std::uint32_t>(speakers_.size() - 1);
}

std::uint32_t Engine::host_for(const std::string& instance) {
  const auto [it, is_new] = host_by_name_.try_emplace(instance, 0);
  if (is_new) {
    it->second = static_cast<std::uint32_t>(hosts_.size());
    hosts_.emplace_back();
  }
  return it->second;
}

}  // namespace seendr::match
