// Finds the handler of a method and a path; pure.
//
// Patterns are segments: "/api/v1/users/{id:int}/notes/{name}". {name} takes any segment, {id:int}
// only a decimal number that fits an std::int64_t, without sign and needless zeros; other paths are
// none of that route's. A fixed segment wins over a number, and that over any; a trailing slash
// makes no difference. HEAD goes to the handler of GET; OPTIONS answers itself.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"
#include "runtime/net.hpp"

namespace seendr::http {

using Handler = std::function<awaitable<Response>(Request)>;

// For a handler that has nothing to wait for.
inline awaitable<Response> at_once(Response response) {
  co_return response;
}

struct RouteOptions {
  std::size_t body_limit_bytes = 64 * 1024;  // A longer body: 413.
  bool json_body = true;                     // A body of another type than application/json: 415.
  // Sees the request before its body is read. What it returns is the answer, and the body is not
  // read. May be empty.
  std::function<awaitable<std::optional<Response>>(Request)> admit = {};
};

struct Route {
  std::string pattern;
  Handler handler;
  RouteOptions options;
};

// What a request leads to. `route` set: call it with `params`. Otherwise 404 if `allow` is empty,
// else 405, or for OPTIONS 204, with `allow` as the Allow header.
struct RouteMatch {
  const Route* route = nullptr;
  Pairs params;
  std::string allow;
};

class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  // Requires: the pattern begins with '/', and the method is not already taken for it.
  void add(Method method, std::string_view pattern, Handler handler, RouteOptions options = {});

  // Takes every GET and HEAD that no pattern takes (static files).
  void fallback(Handler handler);

  // `path_segments`: the decoded path, split (Target::segments). The route lives as long as the
  // router.
  RouteMatch find(Method method, const std::vector<std::string>& path_segments) const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
  std::optional<Route> fallback_;
};

}  // namespace seendr::http
