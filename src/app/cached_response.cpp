#include "app/cached_response.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "base/json.hpp"
#include "cache/memoize.hpp"
#include "codec/crypto.hpp"
#include "codec/text.hpp"
#include "http/ascii.hpp"

namespace seendr::app {

namespace {

constexpr std::array kKeptHeaders = {"Content-Type", "Content-Language", "Last-Modified",
                                     "Cache-Control", "Link"};

// An answer as it is kept.
struct Page {
  int status = 200;
  std::string etag;  // With its quotes.
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool is_kept = true;  // False: a note that the handler must be asked, each time.
};

void tag_invoke(json::value_from_tag, json::value& out, const Page& page) {
  out = {{"status", page.status},
         {"etag", page.etag},
         {"body", page.body},
         {"headers", json::value_from(page.headers)},
         {"is_kept", page.is_kept}};
}

Page tag_invoke(json::value_to_tag<Page>, const json::value& in) {
  const json::object& object = in.as_object();
  Page page;
  page.status = json::value_to<int>(object.at("status"));
  page.etag = json::value_to<std::string>(object.at("etag"));
  page.body = json::value_to<std::string>(object.at("body"));
  page.headers = json::value_to<decltype(page.headers)>(object.at("headers"));
  page.is_kept = object.at("is_kept").as_bool();
  return page;
}

}  // namespace

}  // namespace seendr::app

namespace seendr::cache {

// What there is not may be there soon, and what is not kept may become fit for it.
template <>
inline bool Typed<app::Page>::is_absent(const app::Page& page) {
  return !page.is_kept || page.status != 200;
}

}  // namespace seendr::cache

namespace seendr::app {

namespace {

// What all requests of one route share.
struct CachedRoute {
  cache::Cache& cache;
  PageOptions options;
  http::Handler handler;
};
using RoutePtr = std::shared_ptr<const CachedRoute>;

// The answer of the handler to the request that ran it, when it was not kept.
using Unkept = std::shared_ptr<std::optional<http::Response>>;

bool has_credentials(const http::Request& request) {
  return request.headers.has("Cookie") || request.headers.has("Authorization");
}

bool may_be_kept(const PageOptions& options, const http::Request& request) {
  if (request.method != http::Method::get && request.method != http::Method::head) return false;
  switch (options.audience) {
    case Audience::anonymous:
      return !has_credentials(request);
    case Audience::everyone:
      return true;
    case Audience::person:
      return !options.person(request).empty();
  }
  return false;
}

std::string key_of(const PageOptions& options, const http::Request& request) {
  std::vector<std::string> parts{cache::key_part(request.path)};
  for (const std::string& name : options.query) {
    const std::optional<std::string_view> value = request.query_value(name);
    parts.push_back(value ? "+" + cache::key_part(*value) : "-");
  }
  for (const std::string& name : options.headers) {
    parts.push_back(cache::key_part(request.headers.get(name)));
  }
  if (options.audience == Audience::person)
    parts.push_back(cache::key_part(options.person(request)));
  return cache::memo_key(options.name, parts);
}

bool is_for_all(const PageOptions& options, const http::Response& response) {
  if (response.headers.has("Set-Cookie")) return false;
  const std::string_view control = response.headers.get("Cache-Control");
  if (http::list_has(control, "no-store")) return false;
  if (http::list_has(control, "private") && options.audience != Audience::person) return false;
  for (const std::string_view name : http::split_list(response.headers.get("Vary"), ',')) {
    const auto same = [name](const std::string& known) {
      return http::same_word(known, name);
    };
    if (std::none_of(options.headers.begin(), options.headers.end(), same)) return false;
  }
  return true;
}

Page page_of(const PageOptions& options, const http::Response& response) {
  Page page;
  const bool lasting = response.status == 200 || response.status == 404 || response.status == 410;
  const std::string_view content = response.content();
  page.is_kept = lasting && is_for_all(options, response) && is_utf8(content);
  if (!page.is_kept) return page;
  page.status = response.status;
  page.body = std::string(content);
  for (const auto& [name, value] : response.headers) {
    const auto same = [&name = name](const char* kept) {
      return http::same_word(kept, name);
    };
    if (std::any_of(kKeptHeaders.begin(), kKeptHeaders.end(), same)) {
      page.headers.emplace_back(name, value);
    }
  }
  page.etag = response.headers.get("ETag");
  if (page.etag.empty()) page.etag = "\"" + to_hex(bytes(sha256(content))).substr(0, 32) + "\"";
  return page;
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

// An error names the request that it answers, in the form which that asked for: this request, not
// the one that ran the handler.
void fit_to(const http::Request& request, http::Response& error) {
  const std::optional<json::object> kept = json::parse_object(error.body);
  if (!kept || !kept->contains("request_id")) return;
  http::Problem problem{error.status, text_of(*kept, "code"), text_of(*kept, "error")};
  if (problem.message.empty()) problem.message = text_of(*kept, "detail");
  http::Response own = http::problem(request, std::move(problem));
  error.body = std::move(own.body);
  error.headers.set("Content-Type", std::string(own.headers.get("Content-Type")));
}

http::Response answer(const PageOptions& options, const http::Request& request, Page page) {
  http::Response response;
  response.status = page.status;
  for (auto& [name, value] : page.headers) response.headers.add(name, std::move(value));
  if (page.status == 200) response.headers.set("ETag", page.etag);
  // Without the handler's word browsers keep it, and ask each time whether it is still so.
  if (!response.headers.has("Cache-Control")) response.headers.add("Cache-Control", "no-cache");
  std::string vary;
  for (const std::string& name : options.headers) vary += (vary.empty() ? "" : ", ") + name;
  if (options.audience != Audience::everyone) {
    vary += vary.empty() ? "Cookie, Authorization" : ", Cookie, Authorization";
  }
  if (!vary.empty()) response.headers.set("Vary", vary);
  if (page.status == 200 && http::matches_etag(request.headers.get("If-None-Match"), page.etag)) {
    response.status = 304;
    response.headers.remove("Content-Type");
    return response;
  }
  response.body = std::move(page.body);
  if (page.status != 200) fit_to(request, response);
  return response;
}

awaitable<Page> load_page(RoutePtr route, http::Request request, Unkept own) {
  http::Response response = co_await route->handler(std::move(request));
  if (response.status >= 500) {
    *own = std::move(response);
    throw system_error(make_error_code(cache::Errc::load_failed), route->options.name);
  }
  Page page = page_of(route->options, response);
  if (!page.is_kept) *own = std::move(response);
  co_return page;
}

awaitable<http::Response> serve(RoutePtr route, http::Request request) {
  const PageOptions& options = route->options;
  if (!may_be_kept(options, request)) {
    co_return co_await route->handler(std::move(request));
  }
  cache::LoadOptions load_options = options.load;
  // Who may have changed something through another process a moment ago must see it changed.
  if (has_credentials(request)) load_options.from_memory = false;
  if (options.tags) {
    for (std::string& tag : options.tags(request)) load_options.tags.push_back(std::move(tag));
  }
  const Unkept own = std::make_shared<std::optional<http::Response>>();
  cache::Key key(key_of(options, request));
  // HEAD shares what GET is answered, so the handler must not know.
  http::Request asked = request;
  asked.method = http::Method::get;
  asked.headers.remove("If-None-Match");
  std::function<awaitable<Page>()> load = [route, asked = std::move(asked), own] {
    return load_page(route, asked, own);
  };
  Page page;
  try {
    page = co_await route->cache.get_or_load<Page>(std::move(key), std::move(load_options),
                                                   std::move(load));
  } catch (const system_error& error) {
    if (error.code() != cache::Errc::load_failed) throw;
    if (*own) co_return std::move(**own);
    http::Problem problem{503, "overloaded", "The server cannot do this at the moment; try again."};
    problem.headers.add("Retry-After", "1");
    co_return http::problem(request, std::move(problem));
  }
  if (page.is_kept) co_return answer(options, request, std::move(page));
  if (*own) co_return std::move(**own);
  co_return co_await route->handler(std::move(request));
}

}  // namespace

http::Handler cached_response(cache::Cache& cache, PageOptions options, http::Handler handler) {
  assert(!options.name.empty());
  assert(options.audience != Audience::person || options.person);
  cache.expect_class(options.name);
  const RoutePtr route = std::make_shared<const CachedRoute>(
      CachedRoute{cache, std::move(options), std::move(handler)});
  return [route](http::Request request) {
    return serve(route, std::move(request));
  };
}

}  // namespace seendr::app
