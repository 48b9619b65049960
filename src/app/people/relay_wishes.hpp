// Who asked in their last search to hide the address, in Redis: so that any process that takes over
// the seat of such a person knows it, also from a process that died. seendr:app:relay:<id>.
#pragma once

#include "base/ids.hpp"
#include "redis/client.hpp"

namespace seendr::app {

class RelayWishes {
 public:
  explicit RelayWishes(redis::Client& redis) : redis_(redis) {}

  awaitable<void> keep(UserId user);  // For a week: longer than any call.
  awaitable<void> drop(UserId user);
  awaitable<bool> holds(UserId user);

 private:
  redis::Client& redis_;
};

}  // namespace seendr::app
