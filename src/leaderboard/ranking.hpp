// Sums of sorted sets, ranked: made in Redis when first asked for, kept for a while, read by place.
//
// The highest score has rank 1. Equal scores are ranked by name, bytewise, so every name has a rank
// of its own and any two readers see the same order.
#pragma once

#include <string>
#include <vector>

#include "base/env.hpp"
#include "redis/client.hpp"
#include "redis/script.hpp"

namespace seendr::leaderboard {

struct Place {
  std::int64_t rank = 0;  // From 1.
  std::string name;
  double score = 0;
};

struct Source {
  std::string key;  // A sorted set: name to count.
  double weight = 1;
};

// A ranking outlives its time by this much, for those who read it.
inline constexpr Millis kReadGrace{5000};

struct Sum {
  std::string key;  // Where it is kept.
  Millis life{0};
  std::vector<Source> sources;

  // With a least_crowd above 1, a name counts only if these sets together have that much for it.
  std::vector<std::string> crowds;
  std::int64_t least_crowd = 1;

  // Sums that are among the sources and are made first, if they are not there.
  std::vector<Sum> parts;
};

class Ranking {
 public:
  // The client must outlive it.
  Ranking(const Env& env, redis::Client& redis);

  // The first `count` places, or all there are.
  awaitable<std::vector<Place>> top(Sum sum, std::size_t count);

  // The place of a name with `each_side` places before and after it; none when it has no place.
  awaitable<std::vector<Place>> around(Sum sum, std::string name, std::size_t each_side);

 private:
  awaitable<std::vector<Place>> read(const Sum& sum, std::vector<std::string> argv);
  awaitable<void> make(const Sum& sum, bool ranked);

  redis::Client& redis_;
  redis::Script make_;
  redis::Script read_;
  Counter& made_;
};

}  // namespace seendr::leaderboard
