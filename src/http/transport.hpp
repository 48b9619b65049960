// A TCP connection, plain or under TLS, as one stream type, so that the heavy templates above it
// are compiled once. Internal to this folder.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/role.hpp>

#include "base/error.hpp"
#include "http/tls.hpp"
#include "runtime/net.hpp"

namespace seendr::http {

// Moves, but not while an operation is under way.
class Transport {
 public:
  using executor_type = Executor;

  Transport(TcpSocket socket, const TlsContext& tls);

  Executor get_executor() { return state_->socket.get_executor(); }
  TcpSocket& socket() { return state_->socket; }
  bool is_tls() const { return state_->tls.has_value(); }

  // Does nothing without TLS.
  awaitable<error_code> handshake_as_server();
  awaitable<error_code> handshake_as_client();

  // Bytes that have been read already and belong to whoever reads next.
  void give_back(std::string bytes) { state_->unread = std::move(bytes); }

  void cancel();  // Ends pending operations with operation_aborted.
  void close();
  void reset();  // Closes with RST.

  // Says that nothing more comes, then reads and drops what the peer still sends (a bounded amount,
  // for a bounded time), so that the kernel does not answer it with RST and destroy our last words.
  awaitable<void> finish();

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return net::async_initiate<Token, void(error_code, std::size_t)>(
        [](auto handler, State* state, const Buffers& into) {
          if (!state->unread.empty()) {
            const std::size_t count = net::buffer_copy(into, net::buffer(state->unread));
            state->unread.erase(0, count);
            net::post(state->socket.get_executor(),
                      [h = std::move(handler), count]() mutable { h(error_code(), count); });
          } else if (state->tls) {
            state->tls->async_read_some(into, std::move(handler));
          } else {
            state->socket.async_read_some(into, std::move(handler));
          }
        },
        token, state_.get(), buffers);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return net::async_initiate<Token, void(error_code, std::size_t)>(
        [](auto handler, State* state, const Buffers& from) {
          if (state->tls) {
            state->tls->async_write_some(from, std::move(handler));
          } else {
            state->socket.async_write_some(from, std::move(handler));
          }
        },
        token, state_.get(), buffers);
  }

 private:
  struct State {
    explicit State(TcpSocket s) : socket(std::move(s)) {}
    TcpSocket socket;
    std::optional<net::ssl::stream<TcpSocket&>> tls;
    TlsContext context;
    std::string unread;
  };

  awaitable<void> drop_input();

  std::unique_ptr<State> state_;
};

// What Beast calls after the closing handshake of a WebSocket.
template <class Handler>
void async_teardown(boost::beast::role_type, Transport& transport, Handler&& handler) {
  auto done = [h = std::forward<Handler>(handler)](std::exception_ptr) mutable {
    h(error_code());
  };
  net::co_spawn(transport.get_executor(), transport.finish(), std::move(done));
}

// What Beast calls when it gives a connection up.
inline void beast_close_socket(Transport& transport) {
  transport.close();
}

inline void teardown(boost::beast::role_type, Transport& transport, error_code& error) {
  error = {};
  transport.close();
}

}  // namespace seendr::http
