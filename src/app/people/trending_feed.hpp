// Pushes the interests of the day to the sockets that asked for them: at first all, then changes.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "app/socket/socket.hpp"
#include "base/env.hpp"
#include "base/json.hpp"
#include "leaderboard/trending.hpp"

namespace seendr::app {

// A score as JSON: a whole number of matches, or two decimals where part of an hour counts.
json::value score_value(double score);

// {"slug", "score", "rank"} each.
json::array trending_items(const std::vector<leaderboard::Place>& places);

// What changed from one list to the next: the items that are new, or have another score or rank,
// and {"slug", "rank": null} for each that is in the list no more.
json::array trending_changes(const std::vector<leaderboard::Place>& before,
                             const std::vector<leaderboard::Place>& now);

// On one executor. Asks Redis only while somebody listens.
class TrendingFeed {
 public:
  TrendingFeed(const Env& env, leaderboard::Trending& trending);  // It must outlive the feed.

  // The list as the socket will be told changes to; throws when Redis is away.
  awaitable<json::array> join(SocketPtr socket);
  void leave(std::uint64_t socket_id);

  awaitable<void> run();  // Until cancelled; goes on over Redis failures.

 private:
  Env env_;
  leaderboard::Trending& trending_;
  std::map<std::uint64_t, SocketPtr> listeners_;
  std::vector<leaderboard::Place> shown_;  // What all listeners know.
};

}  // namespace seendr::app
