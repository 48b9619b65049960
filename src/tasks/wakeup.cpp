#include "tasks/wakeup.hpp"

#include <utility>

#include "redis/check.hpp"
#include "tasks/keys.hpp"

namespace seendr::tasks {

Wakeup::Wakeup(const Env& env, redis::Client& watching)
    : watching_(watching),
      signal_(watching.executor()),
      changes_(env, watching, redis::Writers::all, redis::look_again([this] { wake(); })) {}

awaitable<void> Wakeup::run() {
  co_await changes_.run();
}

awaitable<bool> Wakeup::look(std::vector<std::string> lists,
                             std::optional<std::int64_t> known_timer_ms) {
  redis::Pipeline commands;
  const redis::Invalidations::Armed armed = changes_.arm(commands);
  redis::Command exist("EXISTS");
  exist.args(lists);
  redis::Command timers("ZRANGE", std::string_view(kTimersKey), 0, 0, "WITHSCORES");
  commands.add(std::move(exist)).add(std::move(timers));
  std::vector<redis::Reply> replies = co_await watching_.exec(std::move(commands));
  if (armed.added) {
    changes_.answered(armed, replies.front());
    replies.erase(replies.begin());
  }
  redis::throw_if_error(replies);
  if (replies[0].as_int() > 0) co_return true;
  const std::vector<redis::Reply>& first = replies[1].as_array();
  if (first.size() != 2) co_return false;
  co_return !known_timer_ms || first[1].as_int() < *known_timer_ms;
}

awaitable<void> Wakeup::wait(Millis limit) {
  co_await signal_.wait(limit);
}

}  // namespace seendr::tasks
