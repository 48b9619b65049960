// Everything we hold about a person, handed out; and the end of an account.
#include "app/rest/api.hpp"
#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

awaitable<http::Response> hand_out(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  const ratelimit::Decision decision = co_await api.limits.data_export(session->user);
  if (!decision.allowed) co_return too_many(request, decision);
  std::optional<json::object> data = co_await api.account_data.gather(session->user);
  if (!data) co_return unauthorized(request);
  const std::vector<auth::ListedSession> listed = co_await api.sessions.list(session->user);
  json::array sessions;
  for (const auth::ListedSession& one : listed) {
    sessions.push_back(json::object{{"label", one.session.label},
                                    {"created_at", time_text(one.session.created_ms)},
                                    {"expires_at", time_text(one.expires_ms)}});
  }
  (*data)["sessions"] = std::move(sessions);
  (*data)["exported_at"] = time_text(api.env.clock.wall_ms());
  http::Response response = http::json(200, *data);
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Content-Disposition", "attachment; filename=\"seendr-export.json\"");
  co_return response;
}

// What Redis and the other processes know of somebody who is no more.
awaitable<void> forget(Api& api, UserId user) {
  // In this order: the end of a session alone would tell the partner of a lost connection.
  co_await call_on(api.hub->executor(), api.hub->announce_gone(user));
  co_await sign_out_everywhere(api, user);
  co_await api.invalidator.sweep();
  co_await api.account_data.forgotten(user);
}

// nullopt: the request may delete the account. Who has a password must say it, and may not guess.
awaitable<std::optional<http::Response>> not_proven(Api& api, const http::Request& request,
                                                    UserId user, std::string hash) {
  if (hash.empty()) co_return std::nullopt;
  const auto object = body_object(request);
  if (!object) co_return bad_request(request, "the body is not a JSON object");
  json::Reader body(*object);
  std::string password = body.text("password", {.min = 1, .max = kMaxPassword});
  if (!body.ok()) co_return bad_request(request, body.problem());
  const ratelimit::Decision decision =
      co_await api.limits.sign_in(user.text(), request.remote_address);
  if (!decision.allowed) co_return too_many(request, decision);
  const bool fits = co_await api.passwords.verify(std::move(hash), std::move(password));
  if (fits) co_return std::nullopt;
  co_return http::problem(request, http::Problem{403, "forbidden", "The password is wrong."});
}

awaitable<http::Response> end_account(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  const UserId user = session->user;
  std::optional<std::string> hash = co_await api.account_data.password_hash(user);
  if (!hash) co_return unauthorized(request);
  std::optional<http::Response> refusal = co_await not_proven(api, request, user, std::move(*hash));
  if (refusal) co_return std::move(*refusal);

  co_await api.account_data.erase(user);
  std::exception_ptr failure;
  try {
    co_await forget(api, user);
  } catch (const system_error&) {
    failure = std::current_exception();
  }
  if (failure && is_cancellation(failure)) std::rethrow_exception(failure);
  if (failure) {
    // The account is gone; who asks with one of its sessions is nobody. A task does the rest soon.
    api.env.log.warn("not_forgotten_yet", "user", user.text(), "error", what(failure));
  }
  http::Response response = http::empty(204);
  response.headers.add("Set-Cookie", expired_cookie(request));
  co_return response;
}

}  // namespace

void add_account_end_routes(http::Router& router, Api& api) {
  using http::Method;
  add_route(router, api, Method::get, "/api/v1/me/export", hand_out);
  add_route(router, api, Method::delete_, "/api/v1/me", end_account);
}

}  // namespace seendr::app
