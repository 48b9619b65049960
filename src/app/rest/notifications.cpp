// What a person was told while they were away: listed, and marked as read.
#include <limits>

#include "app/rest/api.hpp"
#include "base/number.hpp"
#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

constexpr int kPageOfNotices = 50;
constexpr int kLongestPage = 100;

// nullopt: it is no number from 1 to `most`.
std::optional<std::int64_t> positive(std::string_view text, std::int64_t most) {
  const auto number = parse_number<std::int64_t>(text);
  if (!number || *number < 1 || *number > most) return std::nullopt;
  return number;
}

http::Response private_json(const json::object& body) {
  http::Response response = http::json(200, body);
  response.headers.add("Cache-Control", "no-store");
  return response;
}

awaitable<http::Response> list_notices(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  std::optional<std::int64_t> before;
  if (const auto asked = request.query_value("before")) {
    before = positive(*asked, std::numeric_limits<std::int64_t>::max());
    if (!before) co_return bad_request(request, "before: is none of this list");
  }
  std::optional<std::int64_t> limit = kPageOfNotices;
  if (const auto asked = request.query_value("limit")) limit = positive(*asked, kLongestPage);
  if (!limit) co_return bad_request(request, "limit: must be 1 to 100");
  NotificationPage page =
      co_await api.notifications.list(session->user, before, static_cast<int>(*limit));
  json::value next = nullptr;
  if (page.next) next = json::string(std::to_string(*page.next));
  const json::object body{
      {"items", std::move(page.items)}, {"next_cursor", std::move(next)}, {"unread", page.unread}};
  co_return private_json(body);
}

awaitable<http::Response> read_notices(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  const auto object = body_object(request);
  if (!object) co_return bad_request(request, "the body is not a JSON object");
  json::Reader body(*object);
  const bool all = body.boolean("all", false);
  const json::ListRule rule{.optional = true, .max = kNotificationsKept, .max_item = 19};
  const std::vector<std::string> listed = body.texts("ids", rule);
  if (body.ok() && all == body.has("ids")) body.reject("ids", "is needed, or \"all\": true");
  std::vector<std::int64_t> ids;
  for (const std::string& text : listed) {
    const auto id = positive(text, std::numeric_limits<std::int64_t>::max());
    if (!id) body.reject("ids", "\"" + text + "\" is not the id of a notification");
    ids.push_back(id.value_or(0));
  }
  if (!body.ok()) co_return bad_request(request, body.problem());
  std::int64_t unread = 0;
  if (all) {
    unread = co_await api.notifications.mark_all_read(session->user);
  } else {
    unread = co_await api.notifications.mark_read(session->user, std::move(ids));
  }
  const json::object answer{{"unread", unread}};
  co_return private_json(answer);
}

awaitable<void> show_now(Api& api, UserId user, json::object notification) {
  co_await call_on(api.hub->executor(),
                   api.hub->announce_notification(user, std::move(notification)));
}

}  // namespace

void show_later(Api& api, UserId user, json::object notification) {
  api.after.start("show_notification", show_now(api, user, std::move(notification)));
}

void add_notification_routes(http::Router& router, Api& api) {
  using http::Method;
  add_route(router, api, Method::get, "/api/v1/notifications", list_notices);
  add_route(router, api, Method::post, "/api/v1/notifications/read", read_notices);
}

}  // namespace seendr::app
