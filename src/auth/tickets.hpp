// One-time tickets: let a page open one WebSocket without a cookie. Only their SHA-256 is stored.
#pragma once

#include <chrono>
#include <optional>

#include "auth/sessions.hpp"

namespace seendr::auth {

class Tickets {
 public:
  Tickets(const Env& env, redis::Client& redis, std::chrono::seconds ttl);  // Both must outlive it.

  // A ticket for the holder of `session`, ours or Django's; dies with its `ttl`.
  awaitable<TicketId> issue(Session session);

  // The session it was issued for; nullopt when it is unknown, used or expired. Good once: of
  // several that redeem it at the same moment one succeeds. The caller checks that the session
  // still lives.
  awaitable<std::optional<Session>> redeem(TicketId ticket);

 private:
  Env env_;
  redis::Client& redis_;
  std::chrono::seconds ttl_;
};

}  // namespace seendr::auth
