// The article's matching over HTTP: POST /api/matching/.
#include "app/rest/api.hpp"
#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

// Word for word what the article's middleware answers.
http::Response over_the_limit(const ratelimit::Decision& decision) {
  const std::int64_t wait = retry_after_s(decision);
  const json::object body{{"error", "Too many requests"}, {"retry_after", wait}};
  http::Response response = http::json(429, body);
  response.headers.add("X-RateLimit-Remaining", "0");
  response.headers.add("Retry-After", std::to_string(wait));
  return response;
}

http::Response refused(const http::Request& request, const OneSearch& outcome) {
  int status = 503;
  if (outcome.code == "forbidden") status = 403;
  if (outcome.code == "already_in_room") status = 409;
  return http::problem(request, http::Problem{status, outcome.code, outcome.message});
}

awaitable<http::Response> match_once(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  const auto object = body_object(request);
  if (!object) co_return bad_request(request, "the body is not a JSON object");
  json::Reader body(*object);
  action::FindMatch wanted;
  wanted.interests = body.texts("interests", {.optional = true, .max = match::kMaxInterests});
  if (!body.ok()) co_return bad_request(request, body.problem());
  std::optional<Account> account = co_await api.users.load(session->user);
  if (!account) co_return unauthorized(request);
  if (account->banned) {
    co_return http::problem(request, http::Problem{403, "banned", "This account is banned."});
  }
  const OneSearch outcome = co_await call_on(
      api.hub->executor(),
      api.hub->search_once(std::move(*account), std::move(wanted), request.request_id));
  if (outcome.kind == OneSearch::Kind::limited) co_return over_the_limit(outcome.limit);
  if (outcome.kind == OneSearch::Kind::refused) co_return refused(request, outcome);
  json::object answer{{"match", nullptr}};
  if (outcome.kind == OneSearch::Kind::found) {
    answer["match"] =
        json::object{{"room_id", outcome.room.text()}, {"partner_id", outcome.partner}};
  }
  http::Response response = http::json(200, answer);
  response.headers.add("X-RateLimit-Remaining", std::to_string(outcome.limit.remaining));
  response.headers.add("Cache-Control", "no-store");
  co_return response;
}

}  // namespace

void add_matching_routes(http::Router& router, Api& api) {
  add_route(router, api, http::Method::post, "/api/matching", match_once);
}

}  // namespace seendr::app
