// What rarely changes: questions and answers, terms, privacy; and how the cache does.
#include <array>
#include <charconv>
#include <cmath>

#include "app/cache_ttls.hpp"
#include "app/rest/api.hpp"
#include "app/rest/page_texts.hpp"
#include "base/number.hpp"
#include "redis/check.hpp"

namespace seendr::app {

namespace {

constexpr std::uint64_t kEnoughReads = 100;
constexpr double kHealthyRate = 80;  // Per cent; above is healthy.

awaitable<http::Response> show_page(Api&, http::Request request) {
  const PageText* page =
      find_page_text(request.param("slug").value_or(""), preferred_language(request));
  if (!page) {
    co_return http::problem(request, http::Problem{404, "not_found", "There is no such page."});
  }
  json::array sections;
  for (const PageSection& section : page->sections) {
    sections.push_back(json::object{{"heading", section.heading}, {"text", section.text}});
  }
  const json::object body{{"slug", page->slug},
                          {"language", page->language},
                          {"title", page->title},
                          {"sections", std::move(sections)}};
  http::Response response = http::json(200, body);
  response.headers.add("Content-Language", std::string(page->language));
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(cache_ttl::kStatic);
  response.headers.add("Cache-Control", "public, max-age=" + std::to_string(age.count()));
  co_return response;
}

// The line of INFO that begins with "field:".
std::string info_field(std::string_view info, std::string_view field) {
  const std::string start = "\n" + std::string(field) + ":";
  const auto at = info.find(start);
  if (at == std::string_view::npos) return "";
  const auto from = at + start.size();
  return std::string(info.substr(from, info.find_first_of("\r\n", from) - from));
}

std::string per_cent(double rate) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), rate, std::chars_format::fixed, 1);
  return std::string(text.data(), end.ptr) + "%";
}

awaitable<http::Response> cache_health(Api& api, http::Request) {
  redis::Pipeline commands;
  commands.add("INFO", "memory");
  commands.add("INFO", "clients");
  const std::vector<redis::Reply> replies = co_await api.cache_redis.exec(std::move(commands));
  redis::throw_if_error(replies);
  std::uint64_t hits = 0;
  std::uint64_t all = 0;
  for (const auto& [name, counts] : api.cache.counts()) {
    hits += counts.memory_hits + counts.redis_hits;
    all += counts.memory_hits + counts.redis_hits + counts.misses;
  }
  const double rate = all == 0 ? 0 : 100 * static_cast<double>(hits) / static_cast<double>(all);
  const bool poor = all >= kEnoughReads && rate <= kHealthyRate;
  const auto clients =
      parse_number<std::int64_t>(info_field(replies[1].text(), "connected_clients"));
  const json::object body{{"status", poor ? "warning" : "healthy"},
                          {"hit_rate", per_cent(rate)},
                          {"memory_used", info_field(replies[0].text(), "used_memory_human")},
                          {"connected_clients", clients.value_or(0)}};
  http::Response response = http::json(200, body);
  response.headers.add("Cache-Control", "no-store");
  co_return response;
}

}  // namespace

void add_page_routes(http::Router& router, Api& api) {
  PageOptions page;
  page.name = "page";
  page.audience = Audience::everyone;
  page.load.ttl = cache_ttl::kStatic;
  page.query = {"lang"};
  page.headers = {"Accept-Language"};
  add_cached_route(router, api, "/api/pages/{slug}", std::move(page), show_page);
  add_route(router, api, http::Method::get, "/api/health/redis", cache_health);
}

}  // namespace seendr::app
