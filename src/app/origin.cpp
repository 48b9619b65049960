#include "app/origin.hpp"

#include <algorithm>

namespace seendr::app {

bool OriginRules::is_ours(const http::Request& request, std::string_view origin) const {
  const std::string own = (request.secure ? "https://" : "http://") + request.host;
  return (!request.host.empty() && origin == own) ||
         std::find(allowed_.begin(), allowed_.end(), origin) != allowed_.end();
}

bool OriginRules::may_upgrade(const http::Request& request) const {
  return !request.headers.has("Origin") || is_ours(request, request.headers.get("Origin"));
}

bool OriginRules::may_change(const http::Request& request) const {
  if (request.headers.has("Origin")) return is_ours(request, request.headers.get("Origin"));
  const std::string_view site = request.headers.get("Sec-Fetch-Site");
  return site.empty() || site == "same-origin";
}

}  // namespace seendr::app
