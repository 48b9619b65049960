#include "app/rest/api.hpp"

#include <algorithm>
#include <ctime>

#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

awaitable<http::Response> answer(http::Request request, http::Problem problem) {
  co_return http::problem(request, std::move(problem));
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Why nobody looks at the request; nullopt: the handler does.
std::optional<http::Problem> closed_door(const Api& api, const http::Request& request,
                                         bool changes) {
  if (!api.hub) return http::Problem{503, "overloaded", "The server is starting."};
  if (changes && !api.origins.may_change(request)) {
    return http::Problem{403, "forbidden", "This origin may not change anything here."};
  }
  return std::nullopt;
}

awaitable<std::optional<http::Response>> turn_away(http::Request request, http::Problem problem) {
  co_return http::problem(request, std::move(problem));
}

http::Handler guarded(Api& api, http::Method method,
                      std::function<awaitable<http::Response>(Api&, http::Request)> handler) {
  const bool changes = method != http::Method::get;
  return [&api, changes, handler = std::move(handler)](http::Request request) {
    std::optional<http::Problem> closed = closed_door(api, request, changes);
    if (closed) return answer(std::move(request), std::move(*closed));
    return handler(api, std::move(request));
  };
}

}  // namespace

void add_route(http::Router& router, Api& api, http::Method method, std::string_view pattern,
               std::function<awaitable<http::Response>(Api&, http::Request)> handler) {
  router.add(method, pattern, guarded(api, method, std::move(handler)));
}

void add_upload_route(http::Router& router, Api& api, http::Method method, std::string_view pattern,
                      Upload upload,
                      std::function<awaitable<http::Response>(Api&, http::Request)> handler) {
  http::RouteOptions options;
  options.body_limit_bytes = upload.body_limit_bytes;
  options.json_body = false;
  options.admit = [&api, admit = std::move(upload.admit)](http::Request request) {
    std::optional<http::Problem> closed = closed_door(api, request, true);
    if (closed) return turn_away(std::move(request), std::move(*closed));
    return admit(api, std::move(request));
  };
  router.add(method, pattern, guarded(api, method, std::move(handler)), std::move(options));
}

void add_cached_route(http::Router& router, Api& api, std::string_view pattern, PageOptions options,
                      std::function<awaitable<http::Response>(Api&, http::Request)> handler) {
  http::Handler plain = [&api, handler = std::move(handler)](http::Request request) {
    return handler(api, std::move(request));
  };
  http::Handler cached = cached_response(api.cache, std::move(options), std::move(plain));
  add_route(router, api, http::Method::get, pattern,
            [cached = std::move(cached)](Api&, http::Request request) {
              return cached(std::move(request));
            });
}

awaitable<std::optional<auth::Session>> session_of(Api& api, const http::Request& request) {
  const auto cookie = request.cookie("sessionid");
  if (!cookie) co_return std::nullopt;
  if (api.django && auth::is_django_key(*cookie)) {
    std::string key(*cookie);
    co_return co_await api.django->resume(std::move(key));
  }
  SessionId id{std::string(*cookie)};
  co_return co_await api.sessions.resume(std::move(id));
}

std::string session_cookie(const http::Request& request, const SessionId& id,
                           std::chrono::seconds max_age) {
  std::string cookie = "sessionid=" + id.text() + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" +
                       std::to_string(max_age.count());
  if (request.secure) cookie += "; Secure";
  return cookie;
}

std::string expired_cookie(const http::Request& request) {
  return session_cookie(request, SessionId{}, std::chrono::seconds(0));
}

std::optional<json::object> body_object(const http::Request& request) {
  if (request.body.empty()) return json::object{};
  return json::parse_object(request.body);
}

http::Response bad_request(const http::Request& request, std::string message) {
  return http::problem(request, http::Problem{400, "bad_request", std::move(message)});
}

http::Response unauthorized(const http::Request& request) {
  return http::problem(request, http::Problem{401, "unauthorized", "Sign in first."});
}

http::Response user_response(const User& user) {
  const json::object body{{"user", to_json(user)}};
  http::Response response = http::json(200, body);
  response.headers.add("Cache-Control", "no-store");
  return response;
}

http::Response too_many(const http::Request& request, const ratelimit::Decision& decision) {
  http::Problem problem{429, "rate_limited", "Too many requests; wait a moment."};
  problem.headers.add("Retry-After", std::to_string(retry_after_s(decision)));
  problem.headers.add("X-RateLimit-Remaining", "0");
  return http::problem(request, std::move(problem));
}

std::string time_text(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts));
}

bool is_language(std::string_view text) {
  return (text.size() == 2 || text.size() == 3) &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

std::string preferred_language(const http::Request& request) {
  const std::string_view asked =
      request.query_value("lang").value_or(request.headers.get("Accept-Language").substr(0, 2));
  return asked == "fr" ? "fr" : "en";
}

std::vector<std::string> read_languages(json::Reader& body) {
  std::vector<std::string> languages =
      body.texts("languages", {.optional = true, .max = 8, .max_item = 3});
  for (const std::string& language : languages) {
    if (!is_language(language))
      body.reject("languages", "\"" + language + "\" is not a language code");
  }
  if (languages.empty()) languages.emplace_back("en");
  return languages;
}

std::string read_region(json::Reader& body) {
  std::string region = body.text("region", {.optional = true, .max = match::kMaxTagLength});
  const bool fits = std::all_of(region.begin(), region.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
  if (!fits) body.reject("region", "must be lower-case letters and digits");
  return region;
}

std::string read_display_name(json::Reader& body, bool optional) {
  std::string name = trimmed(
      body.text("display_name", {.optional = optional, .min = optional ? 0U : 1U, .max = 64}));
  if (name.empty() && body.has("display_name")) body.reject("display_name", "must not be empty");
  const bool clean =
      std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (!clean) body.reject("display_name", "must not have control characters");
  return name;
}

awaitable<void> api_refresh(Api& api, User user) {
  co_await call_on(api.hub->executor(), api.hub->announce_account(std::move(user)));
}

}  // namespace seendr::app
