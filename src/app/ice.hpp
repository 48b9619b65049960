// ICE servers for browsers, with coturn's ephemeral credentials.
//
// Source: draft-uberti-behave-turn-rest; coturn's `use-auth-secret`: username "<unix
// expiry>:<name>", credential base64(HMAC-SHA1(secret, username)).
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace seendr::app {

struct IceOptions {
  std::vector<std::string> urls;  // stun:, turn:, turns:
  std::string secret;             // Empty: only stun: URLs are handed out.
  std::chrono::seconds ttl{3600};
  bool relay_only = false;  // turn.policy relay: for everybody.
};

// Whether browsers are told of a relay, by which an address can be hidden.
bool has_relay(const IceOptions& options);

// `name` appears in coturn's log and nowhere else. `relay`: this person's address stays hidden, so
// no stun: URL is handed out. `now_s`: Unix time.
json::array ice_servers(const IceOptions& options, const std::string& name, bool relay,
                        std::int64_t now_s);

}  // namespace seendr::app
