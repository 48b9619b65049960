// Which browsers' pages may use the server with a person's cookie. Pure.
#pragma once

#include <string>
#include <vector>

#include "http/message.hpp"

namespace seendr::app {

class OriginRules {
 public:
  // `allowed`: origins besides the request's own, "https://example.org".
  explicit OriginRules(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {}

  // WebSocket upgrades: a missing Origin is no browser and passes.
  bool may_upgrade(const http::Request& request) const;

  // Requests that change something, also without a cookie, as some answers set one: Origin must be
  // our own or allowed, or Sec-Fetch-Site be same-origin; without either header the client is no
  // browser and passes.
  bool may_change(const http::Request& request) const;

 private:
  bool is_ours(const http::Request& request, std::string_view origin) const;

  std::vector<std::string> allowed_;
};

}  // namespace seendr::app
