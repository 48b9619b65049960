#include "app/rest/ops.hpp"

#include <boost/asio/ip/address.hpp>

#include "base/json.hpp"

namespace seendr::app {

namespace {

bool may_look(const http::Request& request, const http::Networks& networks) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(request.remote_address, error);
  return !error && (address.is_loopback() || networks.contains(address));
}

http::Response readiness(const http::Request& request, const Health& health,
                         const http::Networks& networks) {
  const std::vector<std::string> reasons = health.reasons();
  json::object body{{"ready", reasons.empty()}};
  if (!reasons.empty() && may_look(request, networks)) body["reasons"] = json::value_from(reasons);
  return http::json(reasons.empty() ? 200 : 503, body);
}

http::Response scrape(const http::Request& request, const Metrics& metrics,
                      const http::Networks& networks) {
  if (!may_look(request, networks)) {
    return http::problem(request, http::Problem{404, "not_found", "Not found."});
  }
  http::Response response = http::text(200, metrics.scrape());
  response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  return response;
}

}  // namespace

void add_ops_routes(http::Router& router, const Health& health, const Metrics& metrics,
                    const http::Networks& networks) {
  using http::Method;
  router.add(Method::get, "/healthz",
             [](const http::Request&) { return http::at_once(http::text(200, "alive\n")); });
  router.add(Method::get, "/readyz", [&health, &networks](const http::Request& request) {
    return http::at_once(readiness(request, health, networks));
  });
  router.add(Method::get, "/metrics", [&metrics, &networks](const http::Request& request) {
    return http::at_once(scrape(request, metrics, networks));
  });
}

}  // namespace seendr::app
