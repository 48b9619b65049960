// Which interests brought people together: the reading side of what the matcher counts.
//
// The matcher's claim counts each shared interest exactly once a match, in the same script that
// makes the pair, into one sorted set an hour (`seendr:match:{S}:trending:<hour>`, kept 8 days).
// This adds up hours and shards; the oldest hour counts by the part of it that is in the window.
// Days that are over are added up once and kept, so that a week is a sum of some thirty sets.
#pragma once

#include <optional>

#include "leaderboard/ranking.hpp"
#include "runtime/time_zone.hpp"

namespace seendr::leaderboard {

enum class Period : std::uint8_t { today, hour, day, week };  // today: since midnight in the zone.

struct TrendingOptions {
  std::vector<std::string> shards{"all"};  // Of the matcher; at least one.
  TimeZone zone;                           // Whose midnight; UTC unless it is loaded.
  Millis fresh{5000};                      // A ranking is made this often at most; more than 0.
};

class Trending {
 public:
  // The client must outlive it and reach the matcher's Redis. Writes nothing that the matcher
  // reads.
  Trending(const Env& env, redis::Client& redis, TrendingOptions options);

  // What is read may be as old as `fresh`. Scores are numbers of matches; not whole in a window
  // that begins within an hour. Ranks and ties as Ranking says. Throws system_error if Redis fails.
  awaitable<std::vector<Place>> top(Period period, std::size_t count);
  awaitable<std::optional<Place>> rank(Period period, std::string slug);
  // Up to `each_side` places before and after the slug's, and its own; none if it has none.
  awaitable<std::vector<Place>> around(Period period, std::string slug, std::size_t each_side);

  // All of a day that is over: from the one moment to the other, in epoch ms. Within 7 days.
  awaitable<std::vector<Place>> day(std::int64_t start_ms, std::int64_t end_ms, std::size_t count);

 private:
  Sum sum_of(Period period) const;
  Sum day_sum(std::int64_t first_hour) const;

  Env env_;
  TrendingOptions options_;
  Ranking ranking_;
};

}  // namespace seendr::leaderboard
