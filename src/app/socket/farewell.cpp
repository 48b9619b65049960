#include "app/socket/farewell.hpp"

#include <algorithm>
#include <cmath>

#include "base/json.hpp"
#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

constexpr Millis kStep{50};             // Between looks at who has gone.
constexpr Millis kHeadStartMost{1000};  // From a client's moment to the close.

Millis head_start(Millis window) {
  return std::min(window / 16, kHeadStartMost);
}

void tell(http::WebSocket& socket, Millis moment) {
  if (socket.subprotocol().empty()) return;  // The article's dialogue has no such frame.
  const json::object frame{
      {"type", "go_away"}, {"action", "reconnect"}, {"after_ms", moment.count()}};
  socket.send(json::serialize(frame));
}

}  // namespace

std::vector<Millis> farewell_moments(std::size_t count, Millis window, Random& random) {
  std::vector<Millis> moments;
  moments.reserve(count);
  const double part = static_cast<double>(window.count()) / static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double moment = (static_cast<double>(i) + random.unit()) * part;
    moments.emplace_back(static_cast<std::int64_t>(std::floor(moment)));
  }
  return moments;
}

awaitable<void> say_farewell(const Env& env, http::Server& server, Millis window) {
  const Millis start = head_start(window);
  std::vector<std::weak_ptr<http::WebSocket>> leaving;
  for (const auto& socket : server.websockets()) leaving.push_back(socket);
  const std::vector<Millis> moments = farewell_moments(leaving.size(), window - start, env.random);
  for (std::size_t i = 0; i < leaving.size(); ++i) {
    if (const auto socket = leaving[i].lock()) tell(*socket, moments[i]);
  }

  const std::int64_t began = env.clock.now_ms();
  for (std::size_t next = 0; next < leaving.size();) {
    const Millis passed(env.clock.now_ms() - began);
    while (next < leaving.size()) {
      const auto socket = leaving[next].lock();
      const bool stays = socket && socket->is_open();
      if (stays && passed < moments[next] + start) break;
      if (stays) socket->close(http::close_code::restart, "restart");
      ++next;
    }
    if (next < leaving.size()) {
      co_await sleep_for(kStep);
    }
  }
}

}  // namespace seendr::app
