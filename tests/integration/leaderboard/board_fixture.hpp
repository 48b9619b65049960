// A board on a real Redis, by a clock that only the test moves, and what it should say.
#pragma once

#include <algorithm>
#include <map>
#include <set>

#include "leaderboard/board.hpp"
#include "support/redis_test.hpp"

namespace seendr::leaderboard {

// Keeps every vote.
struct Event {
  std::int64_t at_ms;
  Vote vote;
};

inline std::map<std::string, double> counted_between(const std::vector<Event>& events,
                                                     std::int64_t after_ms, std::int64_t until_ms) {
  std::map<std::string, double> sums;
  for (const Event& event : events) {
    if (event.at_ms <= after_ms || event.at_ms > until_ms) continue;
    sums[event.vote.name] += static_cast<double>(event.vote.by);
  }
  return sums;
}

inline double at(const std::map<std::string, double>& sums, const std::string& name) {
  const auto found = sums.find(name);
  return found == sums.end() ? 0 : found->second;
}

class BoardTest : public test::RedisTest {
 protected:
  BoardOptions options() {
    BoardOptions out;
    out.name = "test";
    out.fresh = Millis(1);  // So that every step of the clock shows.
    return out;
  }

  std::int64_t now() const { return env_.clock.wall_ms(); }
  void pass(Millis time) { env_.clock.advance(time); }

  awaitable<void> vote(Board& board, std::string name, std::string voter = {},
                       std::int64_t by = 1) {
    const std::vector<Scope> everybody(1);
    Vote cast;
    cast.name = std::move(name);
    cast.by = by;
    cast.voter = std::move(voter);
    co_await board.increment(everybody, std::move(cast));
    pass(Millis(1));
  }

  // As "name score, ...", whole scores only.
  awaitable<std::string> top(Board& board, Window window, Scope scope = {}) {
    const std::vector<Place> places = co_await board.top(std::move(scope), window, 100);
    std::string out;
    for (const Place& place : places) {
      out += place.name + " " + std::to_string(static_cast<std::int64_t>(place.score)) + ", ";
    }
    co_return out;
  }

  awaitable<std::vector<std::string>> keys() {
    const redis::Command scan("SCAN", 0, "COUNT", 100'000);
    const redis::Reply page = co_await redis().exec(scan);
    std::vector<std::string> out;
    for (const redis::Reply& key : page.as_array().at(1).as_array()) out.push_back(key.text());
    co_return out;
  }

  awaitable<std::int64_t> ttl_of(std::string key) {
    const redis::Command ttl("PTTL", key);
    const redis::Reply left = co_await redis().exec(ttl);
    co_return left.as_int();
  }
};

// Ranks from 1 without gaps, highest first, equal scores by name.
inline void expect_in_order(const std::vector<Place>& places) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    EXPECT_EQ(places[i].rank, static_cast<std::int64_t>(i + 1));
    EXPECT_GT(places[i].score, 0);
    if (i == 0) continue;
    const Place& before = places[i - 1];
    const bool tie = before.score == places[i].score;
    EXPECT_TRUE(tie ? before.name < places[i].name : before.score > places[i].score)
        << before.name << " " << places[i].name;
  }
}

}  // namespace seendr::leaderboard
