#include "app/people/relay_wishes.hpp"

namespace seendr::app {

namespace {

constexpr int kWishSeconds = 7 * 86'400;

std::string wish_key(UserId user) {
  return "seendr:app:relay:" + user.text();
}

}  // namespace

awaitable<void> RelayWishes::keep(UserId user) {
  redis::Command set("SET", wish_key(user), "1", "EX", kWishSeconds);
  co_await redis_.exec(std::move(set));
}

awaitable<void> RelayWishes::drop(UserId user) {
  redis::Command del("DEL", wish_key(user));
  co_await redis_.exec(std::move(del));
}

awaitable<bool> RelayWishes::holds(UserId user) {
  redis::Command exists("EXISTS", wish_key(user));
  const redis::Reply reply = co_await redis_.exec(std::move(exists));
  co_return reply.as_int() == 1;
}

}  // namespace seendr::app
