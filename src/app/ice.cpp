#include "app/ice.hpp"

#include "codec/crypto.hpp"
#include "codec/text.hpp"

namespace seendr::app {

json::array ice_servers(const IceOptions& options, const std::string& name, bool relay,
                        std::int64_t now_s) {
  json::array stun;
  json::array turn;
  for (const std::string& url : options.urls) {
    (url.starts_with("turn") ? turn : stun).emplace_back(url);
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
