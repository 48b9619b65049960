// A small HTTP/1.1 and WebSocket client for tests, the CLI and the load generator.
//
// A connection does one thing at a time; deadlines are the caller's (with_timeout).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "http/tls.hpp"
#include "runtime/net.hpp"

namespace seendr::http {

struct ClientTarget {
  std::string host = "127.0.0.1";  // An address, or a name that resolves to one.
  std::uint16_t port = 80;
  TlsContext tls;              // Null: plain.
  std::string source_address;  // Local address to connect from; empty: the kernel chooses.
};

struct ClientResponse {
  int status = 0;
  Headers headers;
  std::string body;
  bool keeps_alive = false;
};

// One connection, kept alive between requests.
class Client {
 public:
  // Throws system_error when the connection cannot be made.
  static awaitable<Client> connect(ClientTarget target);

  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  // Sends one request and reads its response; Host and Content-Length are added.
  // Throws system_error (end_of_stream, connection_reset, ...) when the server hangs up.
  awaitable<ClientResponse> request(std::string method, std::string target, Headers headers,
                                    std::string body);
  awaitable<ClientResponse> get(std::string target);

  // For tests: bytes as they are, and the next response whatever it answers. `to_head`: it has no
  // body.
  awaitable<void> send_raw(std::string bytes);
  awaitable<ClientResponse> read_response(bool to_head);

  // True when the server closed without another byte; waits for either.
  awaitable<bool> at_end();

  void close();
  void reset();  // Closes with RST, so that no TIME_WAIT is left behind.

 private:
  struct State;
  explicit Client(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class WebSocketClient {
 public:
  struct Message {
    std::optional<std::string> text;  // nullopt: the connection has ended.
    std::uint16_t close_code = 0;     // Then: the server's code, 1006 if it sent none.
    std::string close_reason;
  };

  // Whether the server upgraded (status 101), or what it said instead.
  struct Outcome {
    std::unique_ptr<WebSocketClient> socket;  // Null unless upgraded.
    ClientResponse response;
  };

  // `subprotocol`: empty offers none. Throws system_error when no HTTP response comes.
  static awaitable<Outcome> connect(ClientTarget target, std::string path, Headers headers,
                                    std::string subprotocol);
  ~WebSocketClient();
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  // One read and one send may be under way at the same time. send throws once the server is gone.
  awaitable<Message> read();
  awaitable<void> send(std::string text);
  awaitable<void> send_binary(std::string bytes);
  awaitable<void> send_ping();

  // For tests: bytes on the connection as they are.
  awaitable<void> send_raw(std::string bytes);

  // Sends the close frame and waits for the server's part. Requires: no read under way.
  awaitable<void> close(std::uint16_t code);

  void cut();    // Closes the TCP connection without a word.
  void reset();  // Likewise, with RST.

 private:
  struct State;
  explicit WebSocketClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// One masked frame as a client sends it, for tests that build their own. `first_byte`: FIN, opcode.
std::string make_client_frame(unsigned char first_byte, std::string_view payload);

}  // namespace seendr::http
