// The interests that brought most people together, and the place of one of them.
#include "app/cache_ttls.hpp"
#include "app/people/trending_feed.hpp"
#include "app/rest/api.hpp"
#include "base/number.hpp"

namespace seendr::app {

namespace {

using leaderboard::Period;

constexpr std::int64_t kUsual = 10;
constexpr std::int64_t kMost = 100;

// Since midnight unless a rolling window is asked for; nullopt for one that there is not.
std::optional<Period> period_of(const http::Request& request) {
  const auto window = request.query_value("window");
  if (!window || window->empty()) return Period::today;
  if (*window == "hour") return Period::hour;
  if (*window == "day") return Period::day;
  if (*window == "week") return Period::week;
  return std::nullopt;
}

http::Response wrong_window(const http::Request& request) {
  return bad_request(request, "window: must be hour, day or week");
}

awaitable<http::Response> top(Api& api, http::Request request) {
  const std::optional<Period> period = period_of(request);
  if (!period) co_return wrong_window(request);
  std::optional<std::int64_t> limit = kUsual;
  if (const auto asked = request.query_value("limit")) limit = parse_number<std::int64_t>(*asked);
  if (!limit || *limit < 1 || *limit > kMost) {
    co_return bad_request(request, "limit: must be from 1 to 100");
  }
  const std::vector<leaderboard::Place> places =
      co_await api.trending.top(*period, static_cast<std::size_t>(*limit));
  json::array items;
  for (const leaderboard::Place& place : places) {
    items.push_back(json::object{{"slug", place.name}, {"score", score_value(place.score)}});
  }
  co_return http::json(200, items);
}

awaitable<http::Response> rank(Api& api, http::Request request) {
  const std::optional<Period> period = period_of(request);
  if (!period) co_return wrong_window(request);
  const std::string slug(request.param("slug").value_or(""));
  json::object body{{"slug", slug}, {"rank", nullptr}};
  if (api.vocabulary->find(slug)) {
    const std::optional<leaderboard::Place> place = co_await api.trending.rank(*period, slug);
    if (place) body["rank"] = place->rank;
  }
  co_return http::json(200, body);
}

}  // namespace

void add_trending_routes(http::Router& router, Api& api) {
  PageOptions page;
  page.audience = Audience::everyone;
  page.load.ttl = cache_ttl::kLeaderboard;
  page.load.tags = {cache_tag::kTrending, cache_tag::kInterests};
  page.name = "trending";
  page.query = {"limit", "window"};
  add_cached_route(router, api, "/api/trending/interests", page, top);
  page.name = "rank";
  page.query = {"window"};
  add_cached_route(router, api, "/api/trending/interests/{slug}/rank", page, rank);
}

}  // namespace seendr::app
