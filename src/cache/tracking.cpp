#include "cache/tracking.hpp"

#include "cache/keys.hpp"

namespace seendr::cache {

Tracking::Tracking(const Env& env, redis::Client& client, Memory& memory)
    : memory_(memory), changes_(env, client, redis::Writers::all, events()) {}

redis::InvalidationEvents Tracking::events() {
  redis::InvalidationEvents events;
  events.changed = [this](const std::vector<std::string>& keys) {
    changed(keys);
  };
  events.lost = [this] {
    memory_.clear();
  };
  return events;
}

awaitable<void> Tracking::run() {
  co_await changes_.run();
}

void Tracking::changed(const std::vector<std::string>& keys) {
  if (keys.empty()) memory_.clear();
  for (const std::string& key : keys) {
    ++invalidations_;
    memory_.drop(Keys::value_of(key));
  }
}

bool Tracking::usable() {
  if (changes_.active()) return true;
  if (memory_.size() > 0) memory_.clear();
  return false;
}

}  // namespace seendr::cache
