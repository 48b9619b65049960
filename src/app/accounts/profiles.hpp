// The profiles of people who opted in to being looked up, in PostgreSQL. Guests and banned people
// have none.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "postgres/database.hpp"

namespace seendr::app {

struct ProfileSearch {
  std::string words;       // Begins a word of the name, without case and accents; empty: anybody.
  std::string language;    // One they speak; empty: any.
  std::int64_t after = 0;  // The id after which the page begins.
  int limit = 20;
};

// Each is one transaction; throws what postgres::Database throws.
class Profiles {
 public:
  explicit Profiles(postgres::Database& database) : database_(database) {}

  // {id, display_name, languages, region, interests}; nullopt when others may not see it.
  awaitable<std::optional<json::value>> find(UserId id);

  // The same, and `avatar`: the path of their picture, or null.
  awaitable<std::optional<json::value>> find_with_avatar(UserId id);

  // Of those who were seen in that time, whoever was seen last first; at most `limit`.
  awaitable<std::vector<UserId>> seen_within(std::chrono::hours time, int limit);

  // By id; at most `limit`.
  awaitable<json::array> search(ProfileSearch search);

 private:
  awaitable<std::optional<json::value>> find_fields(UserId id, std::string fields);

  postgres::Database& database_;
};

}  // namespace seendr::app
