// What a partner may see of a person, in Redis: so that a match with somebody on another process
// needs no PostgreSQL. seendr:app:card:<id>, JSON, a day.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/accounts/users.hpp"
#include "base/env.hpp"
#include "redis/client.hpp"

namespace seendr::app {

struct Card {
  std::string display_name;
  std::vector<std::string> languages;
  std::string region;
};

Card card_of(const User& user);

class Cards {
 public:
  explicit Cards(redis::Client& redis) : redis_(redis) {}

  awaitable<void> put(UserId user, Card card);
  awaitable<void> drop(UserId user);
  awaitable<std::optional<Card>> find(UserId user);  // nullopt also for one that cannot be read.

 private:
  redis::Client& redis_;
};

}  // namespace seendr::app
