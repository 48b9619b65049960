#include "app/people/trending_feed.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

constexpr Millis kLook{1000};
constexpr std::size_t kShown = 10;

json::object item_of(const leaderboard::Place& place) {
  return json::object{
      {"slug", place.name}, {"score", score_value(place.score)}, {"rank", place.rank}};
}

}  // namespace

json::value score_value(double score) {
  const double rounded = std::round(score * 100) / 100;
  if (rounded == std::floor(rounded)) return static_cast<std::int64_t>(rounded);
  return rounded;
}

json::array trending_items(const std::vector<leaderboard::Place>& places) {
  json::array items;
  for (const leaderboard::Place& place : places) items.push_back(item_of(place));
  return items;
}

json::array trending_changes(const std::vector<leaderboard::Place>& before,
                             const std::vector<leaderboard::Place>& now) {
  const auto in = [](const std::vector<leaderboard::Place>& places, const std::string& name) {
    return std::find_if(places.begin(), places.end(),
                        [&name](const leaderboard::Place& p) { return p.name == name; });
  };
  json::array changes;
  for (const leaderboard::Place& place : now) {
    const auto old = in(before, place.name);
    if (old == before.end() || old->rank != place.rank || old->score != place.score) {
      changes.push_back(item_of(place));
    }
  }
  for (const leaderboard::Place& place : before) {
    if (in(now, place.name) != now.end()) continue;
    changes.push_back(json::object{{"slug", place.name}, {"rank", nullptr}});
  }
  return changes;
}

TrendingFeed::TrendingFeed(const Env& env, leaderboard::Trending& trending)
    : env_(env), trending_(trending) {}

awaitable<json::array> TrendingFeed::join(SocketPtr socket) {
  if (listeners_.empty()) {
    std::vector<leaderboard::Place> places =
        co_await trending_.top(leaderboard::Period::today, kShown);
    if (listeners_.empty()) shown_ = std::move(places);
  }
  listeners_[socket->id] = socket;
  co_return trending_items(shown_);
}

void TrendingFeed::leave(std::uint64_t socket_id) {
  listeners_.erase(socket_id);
}

awaitable<void> TrendingFeed::run() {
  for (;;) {
    co_await sleep_for(kLook);
    if (listeners_.empty()) continue;
    std::exception_ptr failure;
    std::vector<leaderboard::Place> places;
    try {
      places = co_await trending_.top(leaderboard::Period::today, kShown);
    } catch (const system_error&) {
      failure = std::current_exception();
    }
    if (failure && is_cancellation(failure)) std::rethrow_exception(failure);
    if (failure) {
      env_.log.warn("trending_unknown", "error", what(failure));
      continue;
    }
    json::array changes = trending_changes(shown_, places);
    shown_ = std::move(places);
    if (changes.empty()) continue;
    const json::object frame{{"type", "trending_update"}, {"items", std::move(changes)}};
    for (const auto& [id, socket] : listeners_) socket->send(frame);
  }
}

}  // namespace seendr::app
