// A leaderboard: counts by name in rolling windows, and who is first.
//
// Every count goes into the current slice of each window and is found again in all rankings made
// afterwards. Rankings roll without a cliff (leaderboard/window.hpp) and ties go by name
// (leaderboard/ranking.hpp). Every key expires by itself when its window has passed. Slices are cut
// by the clock of the process.
#pragma once

#include <optional>

#include "leaderboard/keys.hpp"
#include "leaderboard/ranking.hpp"

namespace seendr::leaderboard {

struct BoardOptions {
  std::string name;  // Part of the keys: not empty, no ':', '{' or '}'.
  std::vector<Window> windows{Window::hour, Window::day, Window::week};  // Those that are counted.
  Millis half_life{0};  // A count is worth half after this time, within its window; 0: no decay.
  bool once_per_voter = false;     // Of one voter, a name counts once in any window.
  std::int64_t least_crowd = 1;    // Names with fewer different voters in the window are not shown.
  std::size_t max_names = 10'000;  // In one slice; beyond that the lowest counts are forgotten.
  std::size_t max_votes = 1'000'000;  // Remembered in one window, the latest ones.
  Millis fresh{1000};                 // A ranking is made this often at most; more than 0.
};

struct Vote {
  std::string name;     // What is counted.
  std::int64_t by = 1;  // At least 1.
  std::string voter;    // Who votes. Needed by once_per_voter and least_crowd; else may be empty.
};

class Board {
 public:
  // The client must outlive the board. All processes must give a board the same options.
  Board(const Env& env, redis::Client& redis, BoardOptions options);

  // Counts a vote on the board of each scope, e.g. {}, {"en"} and {"en", "eu"}. All windows of a
  // scope at once; a failure may leave later scopes uncounted. Throws system_error if Redis fails.
  awaitable<void> increment(std::vector<Scope> scopes, Vote vote);

  // What is read may be as old as `fresh`. Throws system_error if Redis fails.
  // Requires: the window is among those of the options.
  awaitable<std::vector<Place>> top(Scope scope, Window window, std::size_t count);
  awaitable<std::optional<Place>> rank(Scope scope, Window window, std::string name);
  // Up to `each_side` places before and after the name's, and its own; none if it has none.
  awaitable<std::vector<Place>> around(Scope scope, Window window, std::string name,
                                       std::size_t each_side);

 private:
  bool is_valid(const Scope& scope) const;
  Sum sum_of(const Scope& scope, Window window) const;

  Env env_;
  redis::Client& redis_;
  BoardOptions options_;
  Ranking ranking_;
  redis::Script count_;
  Counter& counted_;
};

}  // namespace seendr::leaderboard
