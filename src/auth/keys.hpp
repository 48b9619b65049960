// The Redis keys of this module. Secrets are never part of a key: only their SHA-256 is.
#pragma once

#include <string>

#include "base/ids.hpp"

namespace seendr::auth {

inline std::string session_key(const std::string& hash) {
  return "seendr:auth:session:" + hash;
}
inline std::string user_sessions_key(UserId user) {
  return "seendr:auth:user:" + user.text();
}
inline std::string ticket_key(const std::string& hash) {
  return "seendr:auth:ticket:" + hash;
}

}  // namespace seendr::auth
