// What is done with the links that are mailed: a verified address, a new password.
#include "app/rest/api.hpp"

namespace seendr::app {

namespace {

constexpr std::size_t kLongestToken = 128;

http::Response stale_link(const http::Request& request) {
  return bad_request(request, "This link is unknown, was used, or is too old; ask for a new one.");
}

awaitable<http::Response> verify_email(Api& api, http::Request request) {
  const auto object = body_object(request);
  if (!object) co_return bad_request(request, "the body is not a JSON object");
  json::Reader body(*object);
  std::string token = body.text("token", {.min = 1, .max = kLongestToken});
  if (!body.ok()) co_return bad_request(request, body.problem());
  const ratelimit::Decision decision = co_await api.limits.recovery(request.remote_address);
  if (!decision.allowed) co_return too_many(request, decision);
  const std::optional<UsedToken> used = co_await api.account_tokens.verify_email(std::move(token));
  if (!used) co_return stale_link(request);
  show_later(api, used->user, used->notification);
  co_return http::empty(204);
}

// Counted under who was found: how two spellings are one address is the database's to say.
awaitable<void> mail_reset(Api& api, std::string email) {
  const std::optional<Login> found = co_await api.users.find_login(email);
  if (!found) co_return;
  const ratelimit::Decision decision = co_await api.limits.recovery_mail(found->id);
  if (!decision.allowed) co_return;
  json::array args{found->id.value, api.public_url};
  co_await api.jobs.enqueue(job::kPasswordResetMail, std::move(args));
}

// The answer and the time it takes say nothing about who has an account: all that depends on it is
// done afterwards.
awaitable<http::Response> ask_for_reset(Api& api, http::Request request) {
  const auto object = body_object(request);
  if (!object) co_return bad_request(request, "the body is not a JSON object");
  json::Reader body(*object);
  const std::string email = body.text("email", {.min = 1, .max = 254});
  if (!body.ok()) co_return bad_request(request, body.problem());
  const ratelimit::Decision decision = co_await api.limits.recovery(request.remote_address);
  if (!decision.allowed) co_return too_many(request, decision);
  api.after.start("password_reset_mail", mail_reset(api, email));
  co_return http::empty(202);
}

awaitable<http::Response> confirm_reset(Api& api, http::Request request) {
  const auto object = body_object(request);
  if (!object) co_return bad_request(request, "the body is not a JSON object");
  json::Reader body(*object);
  std::string token = body.text("token", {.min = 1, .max = kLongestToken});
  std::string password = body.text("password", {.min = kMinPassword, .max = kMaxPassword});
  if (!body.ok()) co_return bad_request(request, body.problem());
  const ratelimit::Decision decision = co_await api.limits.recovery(request.remote_address);
  if (!decision.allowed) co_return too_many(request, decision);

  const std::optional<UserId> holder = co_await api.account_tokens.reset_holder(token);
  if (!holder) co_return stale_link(request);
  // Before the link is used up, so that it still is good if Redis is away; and again afterwards,
  // for who signed in meanwhile with the old password.
  co_await sign_out_everywhere(api, *holder);
  std::string hash = co_await api.passwords.hash(std::move(password));
  const std::optional<UsedToken> used =
      co_await api.account_tokens.reset_password(std::move(token), std::move(hash));
  if (!used) co_return stale_link(request);
  show_later(api, used->user, used->notification);
  co_await sign_out_everywhere(api, used->user);
  http::Response response = http::empty(204);
  response.headers.add("Set-Cookie", expired_cookie(request));
  co_return response;
}

// A link takes the place of the one before.
awaitable<http::Response> mail_verification(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  const std::optional<User> user = co_await api.users.find(session->user);
  if (!user) co_return unauthorized(request);
  if (user->guest) {
    http::Problem guest{403, "forbidden", "Only who has an account has an address to verify."};
    co_return http::problem(request, std::move(guest));
  }
  if (user->email_verified) co_return http::empty(204);
  const ratelimit::Decision decision = co_await api.limits.recovery_mail(user->id);
  if (!decision.allowed) co_return too_many(request, decision);
  send_verification_later(api, user->id);
  co_return http::empty(202);
}

awaitable<void> enqueue_verification(Api& api, UserId user) {
  json::array args{user.value, api.public_url};
  co_await api.jobs.enqueue(job::kVerificationMail, std::move(args));
}

}  // namespace

void send_verification_later(Api& api, UserId user) {
  api.after.start("verification_mail", enqueue_verification(api, user));
}

void add_recovery_routes(http::Router& router, Api& api) {
  using http::Method;
  add_route(router, api, Method::post, "/api/v1/auth/verify-email", verify_email);
  add_route(router, api, Method::post, "/api/v1/me/verify-email", mail_verification);
  add_route(router, api, Method::post, "/api/v1/auth/reset-password", ask_for_reset);
  add_route(router, api, Method::post, "/api/v1/auth/reset-password/confirm", confirm_reset);
}

}  // namespace seendr::app
