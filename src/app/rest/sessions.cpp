// A person's own sessions: which there are, ending one, signing out everywhere.
#include "app/rest/api.hpp"
#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

// Sockets of the session, on all processes.
awaitable<void> close_sockets(Api& api, UserId user, std::string hash) {
  co_await call_on(api.hub->executor(), api.hub->announce_session_ended(user, std::move(hash)));
}

awaitable<http::Response> list_sessions(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  const std::vector<auth::ListedSession> listed = co_await api.sessions.list(session->user);
  json::array items;
  for (const auth::ListedSession& one : listed) {
    items.push_back(json::object{{"id", one.session.hash},
                                 {"label", one.session.label},
                                 {"current", one.session.hash == session->hash},
                                 {"created_at", time_text(one.session.created_ms)},
                                 {"expires_at", time_text(one.expires_ms)}});
  }
  const json::object body{{"items", std::move(items)}, {"next_cursor", nullptr}};
  http::Response response = http::json(200, body);
  response.headers.add("Cache-Control", "no-store");
  co_return response;
}

awaitable<http::Response> end_session(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  const std::string hash(request.param("id").value_or(""));
  const bool ended = co_await api.sessions.revoke(session->user, hash);
  if (!ended) {
    co_return http::problem(request, http::Problem{404, "not_found", "There is no such session."});
  }
  co_await close_sockets(api, session->user, hash);
  http::Response response = http::empty(204);
  if (hash == session->hash) response.headers.add("Set-Cookie", expired_cookie(request));
  co_return response;
}

awaitable<http::Response> end_all_sessions(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  co_await sign_out_everywhere(api, session->user);
  http::Response response = http::empty(204);
  response.headers.add("Set-Cookie", expired_cookie(request));
  co_return response;
}

}  // namespace

awaitable<void> sign_out_everywhere(Api& api, UserId user) {
  const std::vector<std::string> ended = co_await api.sessions.end_all(user);
  for (const std::string& hash : ended) {
    co_await close_sockets(api, user, hash);
  }
}

void add_session_routes(http::Router& router, Api& api) {
  using http::Method;
  add_route(router, api, Method::get, "/api/v1/me/sessions", list_sessions);
  add_route(router, api, Method::delete_, "/api/v1/me/sessions", end_all_sessions);
  add_route(router, api, Method::delete_, "/api/v1/me/sessions/{id}", end_session);
}

}  // namespace seendr::app
