// Demo people: the same for the same seed, found again when seeded again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/vocabulary.hpp"
#include "base/env.hpp"
#include "base/ids.hpp"
#include "postgres/database.hpp"

namespace seendr::app {

struct DemoPerson {
  UserId id;         // 0 until stored.
  std::string seed;  // "<K>:<n>", unique.
  std::string display_name;
  std::vector<std::string> languages;  // 60 % en, 25 % fr, 15 % both.
  std::string region;                  // eu, na or as.
  std::vector<std::string> interests;  // 3 to 10 slugs, popular ones more often (Zipf).
};

// People number 1 to `count` of the seed; pure. Requires: a vocabulary of at least ten interests.
std::vector<DemoPerson> invent_people(const std::vector<Interest>& vocabulary, std::size_t count,
                                      std::uint64_t seed);

// Stores those that are not there yet and fills in every id; a few statements for all of them.
awaitable<std::vector<DemoPerson>> store_people(postgres::Database& database,
                                                std::vector<DemoPerson> people);

}  // namespace seendr::app
