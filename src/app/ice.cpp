#include "app/ice.hpp"

#include <algorithm>

#include "codec/crypto.hpp"
#include "codec/text.hpp"

namespace seendr::app {

namespace {

bool is_turn(const std::string& url) {
  return url.starts_with("turn");
}

}  // namespace

bool has_relay(const IceOptions& options) {
  return !options.secret.empty() && std::any_of(options.urls.begin(), options.urls.end(), is_turn);
}

json::array ice_servers(const IceOptions& options, const std::string& name, bool relay,
                        std::int64_t now_s) {
  json::array stun;
  json::array turn;
  for (const std::string& url : options.urls) {
    (is_turn(url) ? turn : stun).emplace_back(url);
  }
  json::array servers;
  if (!stun.empty() && !relay) servers.emplace_back(json::object{{"urls", stun}});
  if (!turn.empty() && !options.secret.empty()) {
    const std::string username = std::to_string(now_s + options.ttl.count()) + ":" + name;
    const std::string credential = to_base64(bytes(hmac_sha1(options.secret, username)));
    servers.emplace_back(
        json::object{{"urls", turn}, {"username", username}, {"credential", credential}});
  }
  return servers;
}

}  // namespace seendr::app
