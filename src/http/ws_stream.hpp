// Beast's WebSocket stream behind a plain interface: its templates cost half a minute to compile,
// so one file has them, for server and client alike. Internal to this folder.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "http/client.hpp"
#include "http/message.hpp"
#include "http/transport.hpp"
#include "runtime/net.hpp"

namespace seendr::http {

// At most one read, one write, one ping and one close may be under way at the same time; the stream
// must outlive them (`done` may own it).
class WsStream {
 public:
  using Done = std::function<void(error_code)>;

  WsStream(Transport transport, std::size_t message_limit_bytes);
  ~WsStream();

  // The server's side of the handshake; `headers` are added to the 101.
  awaitable<error_code> accept(const Request& request, Headers headers);

  // The client's side. `response` tells what the server said, also when it refuses.
  awaitable<error_code> connect(std::string host, std::string target, Headers headers,
                                ClientResponse& response);

  // Reads a piece of a message. Control frames are answered on the way.
  awaitable<std::size_t> read_some(net::mutable_buffer into, error_code& error);
  bool is_message_done() const;  // The last piece was the end of its message.
  bool is_binary() const;        // The message being read.

  // `message` must live until `done`.
  void write(const std::string& message, bool binary, Done done);
  void ping(Done done);
  void close(std::uint16_t code, const std::string& reason, Done done);

  // The peer's; 0 when it sent no close frame, 1005 when that had no code.
  std::pair<std::uint16_t, std::string> peer_close() const;

  // Called for each ping or pong of the peer, during a read.
  void on_heartbeat(std::function<void()> call);

  Transport& transport();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The close code with which Beast answered what the peer did wrong; 0 if it was no violation.
std::uint16_t violation_code(const error_code& error);

}  // namespace seendr::http
