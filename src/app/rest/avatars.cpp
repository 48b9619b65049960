// A person's picture: sent and taken away by the person, shown to who may see the profile.
#include <algorithm>

#include "app/cache_ttls.hpp"
#include "app/rest/api.hpp"
#include "app/rest/errors.hpp"
#include "base/number.hpp"

namespace seendr::app {

namespace {

constexpr int kUsualSize = 256;

// Before the body is read: that is much, and for people with an account only.
awaitable<std::optional<http::Response>> admit_avatar(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  const std::optional<User> user = co_await api.users.find(session->user);
  if (!user) co_return unauthorized(request);
  if (user->guest) {
    http::Problem guest{403, "forbidden", "Only who has an account may have a picture."};
    co_return http::problem(request, std::move(guest));
  }
  const ratelimit::Decision decision = co_await api.limits.avatar(session->user);
  if (!decision.allowed) co_return too_many(request, decision);
  co_return std::nullopt;
}

awaitable<http::Response> put_avatar(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  std::function<result<Avatar>()> work = [bytes = std::move(request.body),
                                          limits = api.options.avatars] {
    return make_avatar(bytes, limits);
  };
  result<Avatar> avatar = co_await api.drawing.run(std::move(work));
  if (!avatar) co_return http::problem(request, avatar_refusal(avatar.error()));

  const bool is_stored = co_await api.avatars.put(session->user, std::move(*avatar));
  if (!is_stored) co_return unauthorized(request);
  co_await api.invalidator.sweep();
  const std::optional<User> user = co_await api.users.find(session->user);
  if (!user) co_return unauthorized(request);
  co_return user_response(*user);
}

awaitable<http::Response> remove_avatar(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  co_await api.avatars.remove(session->user);
  co_await api.invalidator.sweep();
  co_return http::empty(204);
}

// nullopt: there is no such size.
std::optional<int> wanted_size(const http::Request& request) {
  const auto text = request.query_value("size");
  if (!text) return kUsualSize;
  const auto size = parse_number<int>(*text);
  const bool is_one =
      size && std::find(kAvatarSizes.begin(), kAvatarSizes.end(), *size) != kAvatarSizes.end();
  return is_one ? size : std::nullopt;
}

awaitable<http::Response> show_avatar(Api& api, http::Request request) {
  const std::optional<int> size = wanted_size(request);
  if (!size) co_return bad_request(request, "size: must be 64, 256 or 512");
  const std::optional<auth::Session> session = co_await session_of(api, request);
  AvatarWish wish;
  wish.owner = UserId{request.int_param("id")};
  if (session) wish.viewer = session->user;
  wish.size = *size;
  wish.if_none_match = std::string(request.headers.get("If-None-Match"));
  std::optional<ShownAvatar> shown = co_await api.avatars.find(std::move(wish));
  if (!shown) {
    http::Problem none{404, "not_found", "There is no such picture."};
    none.headers.add("Cache-Control", "no-store");
    co_return http::problem(request, std::move(none));
  }

  http::Response response;
  response.headers.add("ETag", shown->etag);
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(cache_ttl::kAvatar);
  const std::string for_all = "public, max-age=" + std::to_string(age.count());
  response.headers.add("Cache-Control", shown->is_public ? for_all : "private, no-cache");
  response.status = shown->image.empty() ? 304 : 200;
  if (response.status == 200) response.headers.add("Content-Type", std::string(kAvatarType));
  response.body = std::move(shown->image);
  co_return response;
}

}  // namespace

void add_avatar_routes(http::Router& router, Api& api) {
  using http::Method;
  const Upload image{api.options.avatars.max_bytes, admit_avatar};
  add_upload_route(router, api, Method::put, "/api/v1/me/avatar", image, put_avatar);
  add_route(router, api, Method::delete_, "/api/v1/me/avatar", remove_avatar);
  add_route(router, api, Method::get, "/api/v1/users/{id:int}/avatar", show_avatar);
}

}  // namespace seendr::app
