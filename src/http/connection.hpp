// One HTTP connection: reads requests, finds their handlers, writes responses, until it ends or
// turns into a WebSocket. Internal to this folder.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http/request_parser.hpp"
#include "http/server_state.hpp"
#include "http/transport.hpp"

namespace seendr::http {

// A connection that has become a WebSocket, but for the 101.
struct Upgrade {
  Transport transport;
  Request request;
  const WebSocketRoute& route;
  UpgradeDecision decision;
  AddressCount address;  // Behind a proxy: the client's own place in the count.
};

class Connection final : public Deadlines::Entry, public Live {
 public:
  // `address`: the peer's place in the count; empty when the peer is a trusted proxy. Both
  // references must outlive the connection.
  Connection(ServerState& server, Transport transport, const net::ip::address& peer,
             const AddressCount& address);

  // Serves until the end, or until an upgrade; null: it has ended.
  awaitable<std::unique_ptr<Upgrade>> run();

  // At once when no request is under way, else after its response.
  void hang_up() override;
  void cut() override;

 private:
  enum class Wait { nothing, request, headers, body, write };

  void expire(std::int64_t now_ms) override;
  void wait_for(Wait what, Millis limit);

  awaitable<bool> read_more();
  awaitable<bool> read_head(RequestParser& parser);
  awaitable<bool> read_body(RequestParser& parser, std::size_t limit);
  awaitable<bool> write(std::string bytes, std::string_view content);
  awaitable<bool> refuse(const Request& request, Problem problem);
  awaitable<bool> respond(const Request& request, Response response, bool keep_alive);
  awaitable<bool> serve(RequestParser& parser);
  awaitable<bool> serve_route(RequestParser& parser, RouteMatch match, Request request);
  awaitable<std::optional<Response>> turn_away(const Route& route, Request request);
  awaitable<bool> try_upgrade(const WebSocketRoute& route, Request request);
  awaitable<Response> call(const Route& route, Request request);

  Request make_request(RequestHead head);
  const WebSocketRoute* find_websocket(const std::vector<std::string>& segments) const;

  ServerState& server_;
  std::optional<Transport> transport_;
  const net::ip::address peer_;
  const AddressCount& address_;
  std::string input_;  // Read but not parsed; at most the header limit and one read.
  std::unique_ptr<Upgrade> upgrade_;
  Wait waits_for_ = Wait::nothing;
  bool has_timed_out_ = false;
  bool is_http_1_0_ = false;
  bool owes_input_ = false;  // The peer may still be sending what nobody will read.
  std::int64_t started_us_ = 0;
};

}  // namespace seendr::http
