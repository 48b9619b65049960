// Closes the sockets of sessions that ended without anybody saying so: that ran out, were removed
// from Redis, or ended at the Django site.
//
// One an event loop, for its sockets. It asks in batches, one after the other, all sockets in each
// round. An open socket is use of its session: asking keeps the session from running out by idling,
// but not beyond its absolute end. While what it asks is away, nobody is closed.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "app/accounts/django_people.hpp"
#include "auth/sessions.hpp"
#include "http/websocket.hpp"

namespace seendr::app {

class SessionWatch {
 public:
  // Rounds are `interval` apart, give or take a quarter, so that processes do not ask in step.
  // `django`: null without a Django site. All must outlive it.
  SessionWatch(const Env& env, auth::Sessions& sessions, DjangoPeople* django, Millis interval);

  void add(std::uint64_t id, const std::shared_ptr<http::WebSocket>& socket, auth::Session session);
  void remove(std::uint64_t id);

  awaitable<void> run();    // Until cancelled.
  awaitable<void> round();  // One look at all. Throws what the stores throw when they are away.

 private:
  struct Watched {
    std::weak_ptr<http::WebSocket> socket;
    auth::Session session;
  };
  using Ids = std::vector<std::uint64_t>;

  awaitable<void> look(Ids batch, bool at_django);
  void close_ended(const Ids& ids, const std::vector<bool>& alive);

  Env env_;
  auth::Sessions& sessions_;
  DjangoPeople* django_;
  Millis interval_;
  std::unordered_map<std::uint64_t, Watched> watched_;
};

}  // namespace seendr::app
