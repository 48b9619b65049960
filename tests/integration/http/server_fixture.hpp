// A server on a free port of loopback, on the test's own event loop.
#pragma once

#include <any>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "http/client.hpp"
#include "http/server.hpp"
#include "runtime/sleep.hpp"
#include "runtime/task_group.hpp"
#include "runtime/timeout.hpp"
#include "support/env.hpp"
#include "support/run.hpp"

namespace seendr::http {

using namespace std::chrono_literals;

class ServerTest : public testing::Test {
 protected:
  // Routes and options may be changed until run_server() is called.
  Router router;
  WebSocketRoutes routes;
  ServerOptions options;
  std::size_t total_limit = 0;
  std::size_t address_limit = 0;
  TlsContext client_tls;

  // Starts the server, runs `body` beside it, drains the server.
  template <class Body>
  void run_server(Body body, std::chrono::seconds limit = 20s) {
    counts_ = std::make_unique<ConnectionCounts>(total_limit, address_limit);
    listener_ = std::make_unique<Listener>(ListenOptions{"127.0.0.1", 0, false});
    server_ =
        std::make_unique<Server>(env(), io_.get_executor(), router, routes, options, *counts_);
    test::run(
        io_,
        [&]() -> awaitable<void> {
          TaskGroup tasks(io_.get_executor(), [](const std::string&, std::exception_ptr error) {
            ADD_FAILURE() << what(error);
          });
          tasks.spawn("server", server_->run(listener_->acceptor(io_.get_executor())));
          std::exception_ptr failure;
          try {
            co_await body();
          } catch (...) {
            failure = std::current_exception();
          }
          co_await server_->drain(1s);
          co_await tasks.join();
          if (failure) std::rethrow_exception(failure);
        },
        limit);
    EXPECT_EQ(counts_->total(), 0U);
  }

  ClientTarget target() const { return {"127.0.0.1", listener_->port(), client_tls, {}}; }
  awaitable<Client> connect() { return Client::connect(target()); }
  Server& server() { return *server_; }
  std::string scrape() const { return env_.metrics.scrape(); }
  Env env() { return env_.real(); }

  // Sends bytes on a connection of its own and returns the first response.
  awaitable<ClientResponse> exchange(std::string bytes) {
    Client client = co_await connect();
    co_await client.send_raw(std::move(bytes));
    co_return co_await client.read_response(false);
  }

  void add_get(std::string pattern, std::string answer) {
    router.add(Method::get, pattern, [answer](Request) { return reply(answer); });
  }
  void add_echo(std::string pattern, RouteOptions route = {}) {
    router.add(
        Method::post, pattern, [](Request request) { return reply(std::move(request.body)); },
        route);
  }

  static awaitable<Response> reply(std::string body) { co_return text(200, std::move(body)); }

  test::TestEnv env_;

 private:
  net::io_context io_;
  std::unique_ptr<ConnectionCounts> counts_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Server> server_;
};

// With a WebSocket at /ws that sends back what it gets, and remembers how the last socket ended.
class WebSocketTest : public ServerTest {
 protected:
  std::uint16_t server_code = 0;
  std::shared_ptr<WebSocket> server_socket;

  WebSocketTest() {
    routes.push_back({"/ws", [this](Request request) { return decide(std::move(request)); },
                      [this](std::shared_ptr<WebSocket> socket, std::any) {
                        return serve(socket);
                      }});
  }

  virtual awaitable<UpgradeDecision> decide(Request request) {
    std::string chosen;
    for (const std::string& offered : offered_subprotocols(request)) {
      if (offered == "seendr.v1") chosen = offered;
    }
    co_return UpgradeDecision::accept(chosen, {});
  }

  virtual awaitable<void> serve(std::shared_ptr<WebSocket> socket) {
    server_socket = socket;
    for (;;) {
      std::optional<std::string> message = co_await socket->read();
      if (!message) break;
      socket->send(std::move(*message));
    }
    server_code = socket->close_code();
  }

  awaitable<std::unique_ptr<WebSocketClient>> open() {
    WebSocketClient::Outcome outcome =
        co_await WebSocketClient::connect(target(), std::string("/ws"), Headers(), std::string());
    if (!outcome.socket) throw std::runtime_error("the upgrade was refused");
    co_return std::move(outcome.socket);
  }
};

}  // namespace seendr::http
