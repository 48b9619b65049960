// Signed-in sessions in Redis: an unguessable id for the browser, its SHA-256 for us.
//
// A session is a JSON value {"user": "1000000000001", "created_ms": 1767225600000, "label": "..."}
// at seendr:auth:session:<hex SHA-256 of the id>. It ends `idle` after its last use and `longest`
// after sign-in, whichever comes first. seendr:auth:sessions:<id> is the sorted set of a person's
// session hashes by time of sign-in, so that all can be listed and ended.
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
  std::string label;  // What the person may recognise it by, e.g. the browser's name; or empty.
  std::string django_key;  // The cookie of a Django site's session, a secret; empty for ours.
};

struct ListedSession {
  Session session;
  std::int64_t expires_ms = 0;  // Unix time at which it ends if it is not used before.
};

std::string session_hash(const SessionId& id);

class Sessions {
 public:
  Sessions(const Env& env, redis::Client& redis, SessionOptions options);  // Both must outlive it.

  // Requires: a label of valid UTF-8; what is beyond 200 characters is cut off.
  awaitable<SessionId> create(UserId user, std::string label = "");

  // Many people's sessions in one round trip, in their order.
  awaitable<std::vector<SessionId>> create_many(std::vector<UserId> users);

  // nullopt when there is no such session (any more). Counts as use.
  awaitable<std::optional<Session>> resume(SessionId id);

  // Whether the sessions of those hashes still live, in their order. Counts as use of those that
  // do. One or two round trips, whatever their number.
  awaitable<std::vector<bool>> use(std::vector<std::string> hashes);

  // Whether the session of that hash still lives; no use.
  awaitable<bool> alive(std::string hash);

  // The person's sessions, the newest first; at most 100.
  awaitable<std::vector<ListedSession>> list(UserId user);

  awaitable<void> end(Session session);

  // Ends the session of that hash if it is the person's; whether it was.
  awaitable<bool> revoke(UserId user, std::string hash);

  // Signs the person out everywhere. Returns the hashes of the sessions that were ended.
  awaitable<std::vector<std::string>> end_all(UserId user);

 private:
  redis::Pipeline creation(UserId user, const SessionId& id, const std::string& label) const;
  Millis life_left(const Session& session) const;

  Env env_;
  redis::Client& redis_;
  SessionOptions options_;
};

}  // namespace seendr::auth
