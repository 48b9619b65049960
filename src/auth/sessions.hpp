// Signed-in sessions in Redis: an unguessable id for the browser, its SHA-256 for us.
//
// A session is a JSON value {"user": "1000000000001", "created_ms": 1767225600000} at
// seendr:auth:session:<hex SHA-256 of the id>. It expires after `idle` without use and `longest`
// after sign-in. seendr:auth:user:<id> is the set of a person's session hashes, so that all can be
// ended.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/env.hpp"
#include "base/ids.hpp"
#include "redis/client.hpp"

namespace seendr::auth {

struct SessionOptions {
  std::chrono::seconds idle{1'209'600};
  std::chrono::seconds longest{7'776'000};
};

struct Session {
  UserId user;
  std::string hash;  // Names the session without being it; fit for logs and messages.
  std::int64_t created_ms = 0;
};

std::string session_hash(const SessionId& id);

class Sessions {
 public:
  Sessions(const Env& env, redis::Client& redis, SessionOptions options);  // Both must outlive it.

  awaitable<SessionId> create(UserId user);

  // Many people's sessions in one round trip, in their order.
  awaitable<std::vector<SessionId>> create_many(std::vector<UserId> users);

  // nullopt when there is no such session (any more). Counts as use.
  awaitable<std::optional<Session>> resume(SessionId id);

  // Whether the session of that hash still lives; no use.
  awaitable<bool> alive(std::string hash);

  awaitable<void> end(Session session);

  // Returns the hashes of the sessions that were ended.
  awaitable<std::vector<std::string>> end_all(UserId user);

 private:
  redis::Pipeline creation(UserId user, const SessionId& id) const;

  Env env_;
  redis::Client& redis_;
  SessionOptions options_;
};

}  // namespace seendr::auth
