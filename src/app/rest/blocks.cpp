// Taking a block back.
#include "app/rest/api.hpp"
#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

awaitable<http::Response> remove(Api& api, http::Request request) {
  const std::optional<auth::Session> session = co_await session_of(api, request);
  if (!session) co_return unauthorized(request);
  const std::int64_t id = request.int_param("id");
  const std::optional<Unblocked> pair = co_await api.moderation.unblock(session->user, id);
  if (!pair) {
    co_return http::problem(request, http::Problem{404, "not_found", "There is no such block."});
  }
  if (!pair->other_way) {
    co_await call_on(api.hub->executor(), api.hub->announce_unblocked(*pair));
  }
  co_return http::empty(204);
}

}  // namespace

void add_block_routes(http::Router& router, Api& api) {
  add_route(router, api, http::Method::delete_, "/api/v1/blocks/{id:int}", remove);
}

}  // namespace seendr::app
