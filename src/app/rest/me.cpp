// The signed-in person's own account.
#include <algorithm>

#include "app/rest/api.hpp"

namespace seendr::app {

namespace {

awaitable<http::Response> show(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  const std::optional<User> user = co_await api.users.find(session->user);
  if (!user) co_return unauthorized(request);
  co_return user_response(*user);
}

awaitable<http::Response> change(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  const auto object = body_object(request);
  if (!object) co_return bad_request(request, "the body is not a JSON object");
  json::Reader body(*object);
  UserChange wanted;
  if (body.has("display_name")) wanted.display_name = read_display_name(body, false);
  if (body.has("languages")) wanted.languages = read_languages(body);
  if (body.has("region")) wanted.region = read_region(body);
  if (body.has("adult")) wanted.adult = body.boolean("adult", false);
  if (body.has("hide_address")) wanted.hide_address = body.boolean("hide_address", false);
  if (body.has("public_profile")) wanted.public_profile = body.boolean("public_profile", false);
  if (body.has("mail_digest")) wanted.mail_digest = body.boolean("mail_digest", false);
  if (!body.ok()) co_return bad_request(request, body.problem());
  const std::optional<User> user = co_await api.users.change(session->user, std::move(wanted));
  if (!user) co_return unauthorized(request);
  co_await api.invalidator.sweep();
  co_await api_refresh(api, *user);
  co_return user_response(*user);
}

awaitable<http::Response> set_interests(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  const auto object = body_object(request);
  if (!object) co_return bad_request(request, "the body is not a JSON object");
  json::Reader body(*object);
  const std::vector<std::string> slugs = body.texts("interests", {.max = match::kMaxInterests});
  if (!body.ok()) co_return bad_request(request, body.problem());

  std::vector<std::uint32_t> ids;
  std::string unknown;
  for (const std::string& slug : slugs) {
    const Interest* interest = api.vocabulary->find(slug);
    if (!interest) {
      unknown += (unknown.empty() ? "" : ", ") + slug;
    } else if (std::find(ids.begin(), ids.end(), interest->id) == ids.end()) {
      ids.push_back(interest->id);
    }
  }
  if (!unknown.empty()) {
    co_return http::problem(request,
                            http::Problem{422, "bad_request", "There is no interest: " + unknown});
  }
  const std::optional<User> user = co_await api.users.set_interests(session->user, std::move(ids));
  if (!user) co_return unauthorized(request);
  co_await api.invalidator.sweep();
  co_await api_refresh(api, *user);
  co_return user_response(*user);
}

}  // namespace

void add_me_routes(http::Router& router, Api& api) {
  using http::Method;
  add_route(router, api, Method::get, "/api/v1/me", show);
  add_route(router, api, Method::patch, "/api/v1/me", change);
  add_route(router, api, Method::put, "/api/v1/me/interests", set_interests);
}

}  // namespace seendr::app
