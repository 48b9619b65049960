#include "leaderboard/board.hpp"

#include <algorithm>
#include <cassert>

#include "leaderboard/count.lua.hpp"

namespace seendr::leaderboard {

namespace {

bool is_part(const std::string& text) {
  return !text.empty() && text.find_first_of(":{}") == std::string::npos;
}

}  // namespace

Board::Board(const Env& env, redis::Client& redis, BoardOptions options)
    : env_(env),
      redis_(redis),
      options_(std::move(options)),
      ranking_(env, redis),
      count_(kCountLua),
      counted_(env.metrics.counter("seendr_leaderboard_votes_total", "Votes by board.",
                                   {{"board", options_.name}})) {
  assert(is_part(options_.name) && options_.fresh > Millis(0) && !options_.windows.empty());
}

bool Board::is_valid(const Scope& scope) const {
  return std::all_of(scope.begin(), scope.end(), is_part);
}

awaitable<void> Board::increment(std::vector<Scope> scopes, Vote vote) {
  assert(vote.by >= 1);
  assert(!vote.voter.empty() || (!options_.once_per_voter && options_.least_crowd <= 1));
  const std::int64_t now = env_.clock.wall_ms();
  std::vector<std::string> argv{vote.name,
                                std::to_string(vote.by),
                                vote.voter,
                                options_.once_per_voter ? "1" : "0",
                                std::to_string(options_.least_crowd),
                                std::to_string(options_.max_names),
                                std::to_string(options_.max_votes),
                                std::to_string(now)};
  for (const Window window : options_.windows) {
    const Millis length = length_of(window);
    // A slice has an effect until a window after its end; one slice more for clocks that differ.
    const Millis life = length + 2 * slice_of(window);
    argv.push_back(std::to_string(length.count()));
    argv.push_back(std::to_string(life.count()));
  }
  for (const Scope& scope : scopes) {
    assert(is_valid(scope));
    std::vector<std::string> keys;
    for (const Window window : options_.windows) {
      const std::string prefix = board_prefix(options_.name, scope, window);
      const std::int64_t slice = now / slice_of(window).count();
      keys.push_back(count_key(prefix, slice));
      keys.push_back(crowd_key(prefix, slice));
      keys.push_back(votes_key(prefix));
    }
    co_await count_.run(redis_, keys, argv);
  }
  counted_.Increment();
}

Sum Board::sum_of(const Scope& scope, Window window) const {
  assert(is_valid(scope));
  assert(std::count(options_.windows.begin(), options_.windows.end(), window) == 1);
  const std::int64_t now = env_.clock.wall_ms();
  const std::string prefix = board_prefix(options_.name, scope, window);
  Sum sum;
  sum.key = ranking_key(prefix, now / options_.fresh.count());
  sum.life = options_.fresh + kReadGrace;
  sum.least_crowd = options_.least_crowd;
  const std::int64_t start = now - length_of(window).count();
  for (const Slice& slice : slices_between(start, now, slice_of(window), options_.half_life)) {
    sum.sources.push_back(Source{count_key(prefix, slice.number), slice.weight});
    // Only within one window is a voter certainly counted once.
    const bool counts = options_.least_crowd > 1 && slice.whole;
    if (counts) sum.crowds.push_back(crowd_key(prefix, slice.number));
  }
  return sum;
}

awaitable<std::vector<Place>> Board::top(Scope scope, Window window, std::size_t count) {
  Sum sum = sum_of(scope, window);
  co_return co_await ranking_.top(std::move(sum), count);
}

awaitable<std::optional<Place>> Board::rank(Scope scope, Window window, std::string name) {
  Sum sum = sum_of(scope, window);
  const std::vector<Place> places = co_await ranking_.around(std::move(sum), std::move(name), 0);
  if (places.empty()) co_return std::nullopt;
  co_return places.front();
}

awaitable<std::vector<Place>> Board::around(Scope scope, Window window, std::string name,
                                            std::size_t each_side) {
  Sum sum = sum_of(scope, window);
  co_return co_await ranking_.around(std::move(sum), std::move(name), each_side);
}

}  // namespace seendr::leaderboard
