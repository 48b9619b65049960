#include "http/server_state.hpp"

#include <array>
#include <ctime>

namespace seendr::http {

Probe::Probe(Metrics& metrics)
    : metrics_(metrics),
      connections_(
          metrics.gauge("seendr_http_connections", "Open connections, WebSockets included.")),
      websockets_(metrics.gauge("seendr_http_websockets", "Open WebSockets.")),
      seconds_(metrics.histogram("seendr_http_request_seconds",
                                 "From the end of a request to the end of its response.",
                                 {0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10})) {}

void Probe::responded(Method method, int status, double seconds) {
  Counter*& counter = requests_[{method, status}];
  if (!counter) {
    counter = &metrics_.counter(
        "seendr_http_requests_total", "Requests answered.",
        {{"method", std::string(to_text(method))}, {"status", std::to_string(status)}});
  }
  counter->Increment();
  seconds_.Observe(seconds);
}

void Probe::refused(const std::string& reason) {
  metrics_
      .counter("seendr_http_refused_total", "Connections and upgrades refused by a limit.",
               {{"reason", reason}})
      .Increment();
}

ServerState::ServerState(const Env& e, Executor x, const Router& r, const WebSocketRoutes& w,
                         ServerOptions o, ConnectionCounts& c)
    : env(e),
      executor(x),
      router(r),
      routes(w),
      options(std::move(o)),
      counts(c),
      probe(e.metrics),
      deadlines(e.clock.now_ms()) {}

std::string_view ServerState::date() {
  const std::time_t now = std::chrono::system_clock::to_time_t(env.clock.wall());
  if (now != date_second_) {
    date_second_ = now;
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 64> text{};
    const std::size_t size =
        std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    date_.assign(text.data(), size);
  }
  return date_;
}

}  // namespace seendr::http
