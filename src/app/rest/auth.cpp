// Accounts: guest, register, login, logout, and tickets for sockets.
#include <algorithm>

#include "app/rest/api.hpp"
#include "auth/agent_label.hpp"
#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

struct Credentials {
  std::string email;
  std::string password;
};

// Something before and after the one @, and neither blanks nor control characters.
std::string read_email(json::Reader& body) {
  std::string email = body.text("email", {.min = 3, .max = 254});
  const auto at = email.find('@');
  const bool blank = std::any_of(email.begin(), email.end(),
                                 [](unsigned char c) { return c <= ' ' || c == 0x7f; });
  if (!email.empty() && (at == 0 || at == std::string::npos || at + 1 == email.size() || blank ||
                         email.find('@', at + 1) != std::string::npos)) {
    body.reject("email", "is not an address");
  }
  return email;
}

Credentials read_credentials(json::Reader& body) {
  Credentials credentials;
  credentials.email = read_email(body);
  credentials.password = body.text("password", {.min = kMinPassword, .max = kMaxPassword});
  return credentials;
}

NewUser read_new_user(json::Reader& body, bool name_optional) {
  NewUser user;
  user.display_name = read_display_name(body, name_optional);
  if (body.has("languages")) user.languages = read_languages(body);
  if (body.has("region")) user.region = read_region(body);
  user.adult = body.boolean("adult", false);
  return user;
}

awaitable<SessionId> new_session(Api& api, const http::Request& request, UserId user) {
  std::string label = auth::agent_label(request.headers.get("User-Agent"));
  co_return co_await api.sessions.create(user, std::move(label));
}

// Answers with the new session `id` of `user`, in place of the one the request came with.
awaitable<http::Response> signed_in(Api& api, http::Request request, int status, User user,
                                    SessionId id, std::optional<auth::Session> before) {
  if (before) {
    co_await api.sessions.end(*before);
    if (before->user != user.id) {
      co_await call_on(api.hub->executor(),
                       api.hub->announce_session_ended(before->user, before->hash));
    }
  }
  const json::object body{{"user", to_json(user)}};
  http::Response response = http::json(status, body);
  response.headers.add("Set-Cookie", session_cookie(request, id, api.options.cookie_max_age));
  response.headers.add("Cache-Control", "no-store");
  co_return response;
}

http::Response wrong_sign_in(const http::Request& request) {
  return http::problem(request,
                       http::Problem{401, "unauthorized", "The address or the password is wrong."});
}

http::Response is_banned(const http::Request& request) {
  return http::problem(request, http::Problem{403, "banned", "This account is banned."});
}

awaitable<http::Response> guest(Api& api, http::Request request) {
  const auto object = body_object(request);
  if (!object) co_return bad_request(request, "the body is not a JSON object");
  json::Reader body(*object);
  NewUser wanted = read_new_user(body, true);
  if (!body.ok()) co_return bad_request(request, body.problem());
  const ratelimit::Decision decision = co_await api.limits.guest(request.remote_address);
  if (!decision.allowed) co_return too_many(request, decision);
  std::optional<auth::Session> before = co_await session_of(api, request);
  User user = co_await api.users.create_guest(std::move(wanted));
  const SessionId id = co_await new_session(api, request, user.id);
  co_return co_await signed_in(api, std::move(request), 201, std::move(user), id,
                               std::move(before));
}

awaitable<http::Response> register_account(Api& api, http::Request request) {
  const auto object = body_object(request);
  if (!object) co_return bad_request(request, "the body is not a JSON object");
  json::Reader body(*object);
  Credentials credentials = read_credentials(body);
  NewUser wanted = read_new_user(body, false);
  if (!body.ok()) co_return bad_request(request, body.problem());
  const ratelimit::Decision decision = co_await api.limits.registration(request.remote_address);
  if (!decision.allowed) co_return too_many(request, decision);

  std::optional<auth::Session> before = co_await session_of(api, request);
  std::optional<UserId> as_guest;
  if (before) {
    const std::optional<User> current = co_await api.users.find(before->user);
    if (current && current->guest) as_guest = current->id;
  }
  std::string hash = co_await api.passwords.hash(std::move(credentials.password));
  std::variant<User, Refused> outcome = co_await api.users.create_registered(
      as_guest, std::move(wanted), std::move(credentials.email), std::move(hash));
  if (std::holds_alternative<Refused>(outcome)) {
    co_return http::problem(
        request, http::Problem{409, "conflict", "There is an account with this address."});
  }
  User user = std::get<User>(std::move(outcome));
  send_verification_later(api, user.id);
  co_await api.invalidator.sweep();
  co_await api_refresh(api, user);
  const SessionId id = co_await new_session(api, request, user.id);
  co_return co_await signed_in(api, std::move(request), 201, std::move(user), id,
                               std::move(before));
}

awaitable<http::Response> login(Api& api, http::Request request) {
  const auto object = body_object(request);
  if (!object) co_return bad_request(request, "the body is not a JSON object");
  json::Reader body(*object);
  std::string email = read_email(body);
  std::string password = body.text("password", {.min = 1, .max = kMaxPassword});
  if (!body.ok()) co_return bad_request(request, body.problem());
  // Counted under who was found: how two spellings are one address is the database's to say.
  const std::optional<Login> found = co_await api.users.find_login(email);
  std::string account = found ? found->id.text() : account_subject(email);
  const ratelimit::Decision decision =
      co_await api.limits.sign_in(std::move(account), request.remote_address);
  if (!decision.allowed) co_return too_many(request, decision);

  std::string hash = found ? found->password_hash : std::string();
  const bool fits = co_await api.passwords.verify(std::move(hash), std::move(password));
  if (!fits) co_return wrong_sign_in(request);
  if (found->banned) co_return is_banned(request);
  std::optional<User> user = co_await api.users.find(found->id);
  if (!user) co_return unauthorized(request);
  std::optional<auth::Session> before = co_await session_of(api, request);
  const SessionId id = co_await new_session(api, request, user->id);
  // A new password, a ban or the end of the account ends all sessions after it is on record: it
  // ended this one too, or is seen here.
  const std::optional<Login> still = co_await api.users.find_login(email);
  const bool same = still && still->id == found->id && still->password_hash == found->password_hash;
  if (!same || still->banned) {
    std::string session = auth::session_hash(id);
    co_await api.sessions.revoke(found->id, std::move(session));
    co_return same ? is_banned(request) : wrong_sign_in(request);
  }
  co_return co_await signed_in(api, std::move(request), 200, std::move(*user), id,
                               std::move(before));
}

awaitable<http::Response> logout(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (session) {
    co_await api.sessions.end(*session);
    co_await call_on(api.hub->executor(),
                     api.hub->announce_session_ended(session->user, session->hash));
  }
  http::Response response = http::empty(204);
  response.headers.add("Set-Cookie", expired_cookie(request));
  co_return response;
}

awaitable<http::Response> ws_ticket(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  const TicketId ticket = co_await api.tickets.issue(*session);
  const json::object body{{"ticket", ticket.text()},
                          {"expires_ms", api.options.ticket_ttl.count()}};
  http::Response response = http::json(201, body);
  response.headers.add("Cache-Control", "no-store");
  co_return response;
}

}  // namespace

void add_auth_routes(http::Router& router, Api& api) {
  using http::Method;
  add_route(router, api, Method::post, "/api/v1/auth/guest", guest);
  add_route(router, api, Method::post, "/api/v1/auth/register", register_account);
  add_route(router, api, Method::post, "/api/v1/auth/login", login);
  add_route(router, api, Method::post, "/api/v1/auth/logout", logout);
  add_route(router, api, Method::post, "/api/v1/ws-ticket", ws_ticket);
}

}  // namespace seendr::app
