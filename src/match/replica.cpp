#include "match/replica.hpp"

#include <algorithm>
#include <cassert>

namespace seendr::match {
namespace {

// A process that said nothing for so long is forgotten, as Redis does.
constexpr std::int64_t kForgetMs = 3'600'000;

}  // namespace

Replica::Replica(Settings settings, Snapshot snapshot)
    : settings_(settings), position_(snapshot.position), engine_(settings.rate_window) {
  for (const auto& [instance, beat_ms] : snapshot.instances) {
    hosts_[instance].beat_ms = beat_ms;
    newest_beat_ms_ = std::max(newest_beat_ms_, beat_ms);
  }
  auto& people = snapshot.people;
  std::sort(people.begin(), people.end(), [](const auto& a, const auto& b) {
    const LogId version_a = a.second.ticket ? a.second.ticket->version : LogId{};
    const LogId version_b = b.second.ticket ? b.second.ticket->version : LogId{};
    return version_a < version_b;
  });
  for (auto& [user, record] : people) {
    if (record.seat) rooms_.try_emplace(record.seat->room, user, record.seat->peer);
    if (!record.ticket) continue;
    const LogId version = record.ticket->version;
    const bool held = record.ticket->held;
    note_host(record.ticket->instance);
    engine_.insert(std::move(*record.ticket));
    if (held) engine_.hold(user, version);
  }
  Effect ignored;
  heard(event::Beat{"", newest_beat_ms_}, ignored);
}

Replica::Order Replica::order(LogId id) const {
  if (id <= position_) return Order::old;
  const bool same_epoch = id.epoch == position_.epoch;
  if (same_epoch) return id.sequence == position_.sequence + 1 ? Order::next : Order::gap;
  return id.sequence == 0 ? Order::next : Order::gap;
}

struct Replica::Apply {
  Replica& self;
  LogId id;
  std::int64_t now_ms = 0;
  Effect& effect;

  void operator()(const event::Joined& e) { self.take_in(e.ticket, now_ms); }
  void operator()(const event::Held& e) {
    if (e.held) {
      self.engine_.hold(e.user, e.version);
    } else {
      self.engine_.release(e.user, e.version);
    }
  }
  void operator()(const event::Left& e) { self.engine_.remove(e.user, e.version); }
  void operator()(const event::Claimed& e) {
    self.engine_.remove_before(e.a, id);
    self.engine_.remove_before(e.b, id);
    self.rooms_.try_emplace(e.room, e.a, e.b);
  }
  void operator()(const event::Ended& e) { self.rooms_.erase(e.room); }
  void operator()(const event::Seated& e) {
    self.engine_.remove_before(e.user, id);
    self.rooms_.try_emplace(e.room, e.user, e.peer);
  }
  void operator()(const event::Beat& e) { self.heard(e, effect); }
  void operator()(const event::Blocked&) {}
  void operator()(const event::Restarted&) {}
};

Replica::Effect Replica::apply(LogId id, const std::optional<LogEvent>& event,
                               std::int64_t now_ms) {
  assert(order(id) == Order::next);
  position_ = id;
  Effect effect;
  if (event) std::visit(Apply{*this, id, now_ms, effect}, *event);
  return effect;
}

bool Replica::is_silent(const std::string& instance) const {
  const auto host = hosts_.find(instance);
  return host != hosts_.end() && host->second.silent;
}

std::vector<std::string> Replica::dead() const {
  std::vector<std::string> out;
  for (const auto& [instance, host] : hosts_) {
    if (newest_beat_ms_ - host.beat_ms > settings_.evict.count()) out.push_back(instance);
  }
  return out;
}

void Replica::take_in(Ticket ticket, std::int64_t now_ms) {
  note_host(ticket.instance);
  const Attributes attributes = ticket.attributes;
  if (engine_.insert(std::move(ticket)) == Inserted::added) {
    engine_.note_arrival(attributes, now_ms);
  }
}

// A process whose beats were not seen yet counts as heard now.
void Replica::note_host(const std::string& instance) {
  const auto [host, added] = hosts_.try_emplace(instance);
  if (added) host->second.beat_ms = newest_beat_ms_;
}

void Replica::heard(const event::Beat& beat, Effect& effect) {
  if (newest_beat_ms_ == 0) {  // Whoever was met before the first beat counts as heard with it.
    for (auto& [instance, host] : hosts_) host.beat_ms = beat.server_ms;
  }
  newest_beat_ms_ = std::max(newest_beat_ms_, beat.server_ms);
  if (!beat.instance.empty()) {
    Host& host = hosts_[beat.instance];
    host.beat_ms = std::max(host.beat_ms, beat.server_ms);
  }
  for (auto host = hosts_.begin(); host != hosts_.end();) {
    const std::int64_t age = newest_beat_ms_ - host->second.beat_ms;
    const bool silent = age > settings_.suspect.count();
    if (silent != host->second.silent) {
      host->second.silent = silent;
      engine_.set_host_alive(host->first, !silent);
      (silent ? effect.silent : effect.back).push_back(host->first);
    }
    const bool forget = age > kForgetMs && engine_.tickets_of(host->first, 1).empty();
    if (forget) engine_.set_host_alive(host->first, true);  // Unknown, as one never met.
    host = forget ? hosts_.erase(host) : std::next(host);
  }
}

}  // namespace seendr::match
