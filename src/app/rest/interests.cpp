// The vocabulary and who is here: autocomplete and presence.
#include <algorithm>

#include "app/rest/api.hpp"

namespace seendr::app {

namespace {

constexpr std::size_t kPopular = 12;
constexpr std::size_t kMaxPrefix = 64;

// Shown while too few people search to say what is popular.
constexpr std::string_view kFirstPopular[] = {"music",  "cooking",     "gaming",     "travel",
                                              "cinema", "photography", "hiking",     "reading",
                                              "chess",  "python",      "bouldering", "sourdough"};

std::vector<std::uint32_t> popular(const Api& api, const PresenceView& view) {
  std::vector<std::pair<std::size_t, std::uint32_t>> counted;
  for (const auto& [id, count] : view.searching_by_interest) counted.emplace_back(count, id);
  std::sort(counted.begin(), counted.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::vector<std::uint32_t> ids;
  for (const auto& [count, id] : counted) ids.push_back(id);
  for (const std::string_view slug : kFirstPopular) {
    const Interest* interest = api.vocabulary->find(slug);
    if (interest && std::find(ids.begin(), ids.end(), interest->id) == ids.end()) {
      ids.push_back(interest->id);
    }
  }
  if (ids.size() > kPopular) ids.resize(kPopular);
  return ids;
}

awaitable<http::Response> suggest(Api& api, http::Request request) {
  const std::string prefix(request.query_value("prefix").value_or(""));
  if (json::length(prefix) > kMaxPrefix) co_return bad_request(request, "prefix: is too long");
  const std::string language = preferred_language(request);
  const auto view = api.board.view();
  std::vector<std::uint32_t> ids;
  if (prefix.empty()) {
    ids = popular(api, *view);
  } else {
    ids = co_await api.autocomplete.suggest(prefix, language);
  }
  json::array items;
  for (const std::uint32_t id : ids) {
    const Interest* interest = api.vocabulary->find(id);
    if (!interest) continue;
    json::object item{{"slug", interest->slug},
                      {"name", language == "fr" ? interest->name_fr : interest->name_en},
                      {"group", interest->group}};
    const auto searching = view->searching_by_interest.find(id);
    if (searching != view->searching_by_interest.end()) item["searching"] = searching->second;
    items.push_back(std::move(item));
  }
  json::object body{{"items", std::move(items)}, {"next_cursor", nullptr}};
  co_return http::json(200, body);
}

awaitable<http::Response> presence(Api& api, http::Request) {
  const auto view = api.board.view();
  json::object body{{"online", view->online},        {"searching", view->searching},
                    {"usual_by_hour", nullptr},      {"wait_ms", nullptr},
                    {"host", api.options.host_name}, {"relay", api.hub->has_relay()}};
  if (view->usual_by_hour) body["usual_by_hour"] = json::value_from(*view->usual_by_hour);
  if (view->wait) {
    body["wait_ms"] =
        json::object{{"p50", view->wait->p50.count()}, {"p90", view->wait->p90.count()}};
  }
  http::Response response = http::json(200, body);
  response.headers.add("Cache-Control", "public, max-age=10");
  co_return response;
}

}  // namespace

void add_interest_routes(http::Router& router, Api& api) {
  add_route(router, api, http::Method::get, "/api/v1/interests", suggest);
  add_route(router, api, http::Method::get, "/api/v1/presence", presence);
}

}  // namespace seendr::app
