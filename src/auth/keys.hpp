// The Redis keys of this module. Secrets are never part of a key of ours: only their SHA-256 is.
// (Django puts the secret itself into the names of its own.)
#pragma once

#include <string>

#include "base/ids.hpp"

namespace seendr::auth {

inline std::string session_key(const std::string& hash) {
  return "seendr:auth:session:" + hash;
}
inline std::string user_sessions_key(UserId user) {
  return "seendr:auth:sessions:" + user.text();
}
inline std::string ticket_key(const std::string& hash) {
  return "seendr:auth:ticket:" + hash;
}

// Django's key of a session in a cache with that prefix and version; docs/sessions.md.
inline std::string django_session_key(const std::string& prefix, int version,
                                      const std::string& key) {
  return prefix + ":" + std::to_string(version) + ":django.contrib.sessions.cache" + key;
}

}  // namespace seendr::auth
