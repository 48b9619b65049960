// The HTTP/1.1 server of one event loop: connections, limits, upgrades, graceful drain.
//
// A process has one Listener and one ConnectionCounts, and one Server for each thread. Requests of
// one connection are handled one after the other, so pipelined ones are answered in order and cost
// no more memory than one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/env.hpp"
#include "base/error.hpp"
#include "http/limits.hpp"
#include "http/listener.hpp"
#include "http/networks.hpp"
#include "http/router.hpp"
#include "http/tls.hpp"
#include "http/websocket.hpp"
#include "runtime/net.hpp"

namespace seendr::http {

// What a client is told when a handler throws; nullopt: 500.
using ErrorMapper = std::function<std::optional<Problem>(const system_error&)>;

struct ServerOptions {
  TlsContext tls;            // Null: plain HTTP.
  Networks trusted_proxies;  // Whose X-Forwarded-For and X-Forwarded-Proto count.
  Headers headers;           // Added to every response that does not set them itself.
  ErrorMapper map_error;     // May be empty.

  std::size_t header_limit_bytes = 16 * 1024;  // Request line and headers; beyond: 431.
  std::size_t target_limit_bytes = 8 * 1024;   // Beyond: 414.
  Millis header_timeout{10'000};               // From the first byte of a request; then 408.
  Millis body_timeout{30'000};                 // From the end of the headers; then 408.
  Millis write_timeout{30'000};                // For the peer to take a response.
  Millis idle_timeout{60'000};  // Without any byte of a next request; closes silently.
  WebSocketOptions websocket;
};

class Server {
 public:
  // The router, routes, counts and what `env` refers to must outlive the server. All calls on
  // `executor`'s thread.
  Server(const Env& env, Executor executor, const Router& router, const WebSocketRoutes& routes,
         ServerOptions options, ConnectionCounts& counts);
  ~Server();  // Requires: run() has returned, or was never called.

  // Accepts and serves until drained; returns when the last connection has ended. When cancelled,
  // connections are cut at once.
  awaitable<void> run(Acceptor acceptor);

  // Closes the port; what is connected goes on.
  void stop_accepting();

  // Stops accepting, ends idle connections, lets requests in flight finish, closes WebSockets with
  // 1012, and cuts what is left after `limit`. Returns when nothing is connected.
  awaitable<void> drain(Millis limit);

  // Cuts everything that is connected, at once; also while drain() is under way.
  void cut();

  // Every WebSocket that has not ended, in the order in which they came.
  std::vector<std::shared_ptr<WebSocket>> websockets() const;

  std::size_t connections() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seendr::http
