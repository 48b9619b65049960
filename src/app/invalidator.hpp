// Tells the cache what committed changes have made stale.
//
// A change of a public profile or an interest leaves a row in the table cache_outbox, in its own
// transaction (migrations/0004_public_profiles.sql). Who made it calls sweep() after the commit and
// answers only then, so that nobody reads less than was answered. Rows that a crash, or a cache
// that was away, left behind are swept by run(). docs/adr/0008-an-outbox-for-the-cache.md.
#pragma once

#include <functional>
#include <string>

#include "base/env.hpp"
#include "cache/cache.hpp"
#include "postgres/database.hpp"

namespace seendr::app {

namespace cache_tag {
inline constexpr const char* kProfiles = "profiles";    // Pages that list several.
inline constexpr const char* kInterests = "interests";  // All that shows names of interests.
inline constexpr const char* kTrending = "trending";    // What matches count.
inline std::string profile(std::string_view user) {
  return "profile:" + std::string(user);
}
}  // namespace cache_tag

class Invalidator {
 public:
  // `matches`: how many matches the process has heard of so far. All must outlive it.
  Invalidator(const Env& env, postgres::Database& database, cache::Cache& cache,
              std::function<std::uint64_t()> matches);

  // Tells the cache of every committed change it was not told of. When the cache or PostgreSQL is
  // away the rows stay, and run() tries again each second: the change itself is made.
  awaitable<void> sweep();

  // Until cancelled: sweeps what others left, and lets new matches be seen in what is cached of the
  // ranking within a second.
  awaitable<void> run();

 private:
  awaitable<bool> sweep_some();

  Env env_;
  postgres::Database& database_;
  cache::Cache& cache_;
  std::function<std::uint64_t()> matches_;
  bool left_behind_ = true;  // Something may be: also what an earlier process left.
  Counter& told_;
};

}  // namespace seendr::app
