// Public profiles: one, and pages of those that match. Cached until somebody in them changes.
#include <algorithm>

#include "app/accounts/profile_page.hpp"
#include "app/cache_ttls.hpp"
#include "app/rest/api.hpp"
#include "base/number.hpp"
#include "codec/text.hpp"

namespace seendr::app {

namespace {

constexpr int kPage = 20;
constexpr std::size_t kMaxWords = 64;

// What a page ends with, and the next one begins after: not for reading.
std::string cursor_of(const json::value& profile) {
  const auto& id = profile.as_object().at("id").as_string();
  return to_base64url(bytes(std::string_view(id)));
}

std::optional<std::int64_t> after_cursor(std::string_view cursor) {
  if (cursor.empty()) return 0;
  const std::optional<std::string> id = from_base64url(cursor);
  const auto user = id ? parse_user_id(*id) : std::nullopt;
  if (!user) return std::nullopt;
  return user->value;
}

awaitable<http::Response> search_profiles(Api& api, http::Request request) {
  ProfileSearch search;
  search.words = std::string(request.query_value("search").value_or(""));
  search.language = std::string(request.query_value("language").value_or(""));
  search.limit = kPage + 1;  // One more shows that there is a next page.
  const auto after = after_cursor(request.query_value("cursor").value_or(""));
  if (json::length(search.words) > kMaxWords) co_return bad_request(request, "search: is too long");
  if (!search.language.empty() && !is_language(search.language)) {
    co_return bad_request(request, "language: is not a language code");
  }
  if (!after) co_return bad_request(request, "cursor: is none of this list");
  search.after = *after;
  json::array items = co_await api.profiles.search(std::move(search));
  json::value next = nullptr;
  if (items.size() > kPage) {
    items.pop_back();
    next = json::string(cursor_of(items.back()));
  }
  const json::object body{{"items", std::move(items)}, {"next_cursor", std::move(next)}};
  co_return http::json(200, body);
}

void add_page(http::Router& router, Api& api, std::string_view pattern, http::Handler page) {
  add_route(
      router, api, http::Method::get, pattern,
      [page = std::move(page)](Api&, http::Request request) { return page(std::move(request)); });
}

}  // namespace

void add_profile_routes(http::Router& router, Api& api) {
  add_page(router, api, "/api/profiles/{id:int}", profile_page(api.cache, api.profiles));
  add_page(router, api, "/api/v1/users/{id:int}", user_page(api.cache, api.profiles));

  PageOptions page;
  page.name = "profiles";
  page.audience = Audience::everyone;
  page.load.ttl = cache_ttl::kSearchPage;
  page.load.tags = {cache_tag::kProfiles, cache_tag::kInterests};
  page.query = {"search", "language", "cursor"};
  add_cached_route(router, api, "/api/profiles", std::move(page), search_profiles);
}

}  // namespace seendr::app
