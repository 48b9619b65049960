// Fills the cache with the profiles that are likely to be asked for, before many people come.
//
// Only pages of profiles are kept so, under the keys and for the time of a request's (it is one
// that nobody sent). Who is online, waits or may do what is never kept.
#pragma once

#include <chrono>

#include "app/accounts/profile_page.hpp"

namespace seendr::app {

struct WarmingOptions {
  int people = 5000;              // At most so many profiles; 0: none.
  std::chrono::hours within{24};  // Of people who were seen in this time, those seen last first.
  int at_once = 4;                // Profiles being read at a time.
};

class Warming {
 public:
  // Both must outlive it, and be used on one executor.
  Warming(cache::Cache& cache, Profiles& profiles, WarmingOptions options);

  // Returns how many profiles were looked at. What is in the cache and fresh stays as it is. Throws
  // what postgres::Database throws, and redis::Client when there is no cache to fill.
  awaitable<std::size_t> warm();

 private:
  struct Turn;
  awaitable<void> warm_some(Turn& turn);

  cache::Cache& cache_;
  Profiles& profiles_;
  WarmingOptions options_;
  http::Handler profile_page_;
  http::Handler user_page_;
};

}  // namespace seendr::app
