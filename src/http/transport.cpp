#include "http/transport.hpp"

#include <array>

#include "runtime/timeout.hpp"

namespace seendr::http {

namespace {

constexpr std::chrono::milliseconds kFinishTime{2000};
constexpr std::size_t kFinishBytes = 16 * 1024 * 1024;

}  // namespace

Transport::Transport(TcpSocket socket, const TlsContext& tls)
    : state_(std::make_unique<State>(std::move(socket))) {
  error_code ignored;
  state_->socket.set_option(tcp::no_delay(true), ignored);
  if (!tls) return;
  state_->context = tls;
  state_->tls.emplace(state_->socket, *tls);
}

awaitable<error_code> Transport::handshake_as_server() {
  if (!state_->tls) co_return error_code();
  const auto [error] = co_await state_->tls->async_handshake(net::ssl::stream_base::server,
                                                             net::as_tuple(use_awaitable));
  co_return error;
}

awaitable<error_code> Transport::handshake_as_client() {
  if (!state_->tls) co_return error_code();
  const auto [error] = co_await state_->tls->async_handshake(net::ssl::stream_base::client,
                                                             net::as_tuple(use_awaitable));
  co_return error;
}

void Transport::cancel() {
  error_code ignored;
  state_->socket.cancel(ignored);
}

void Transport::close() {
  error_code ignored;
  state_->socket.close(ignored);
}

void Transport::reset() {
  error_code ignored;
  state_->socket.set_option(net::socket_base::linger(true, 0), ignored);
  close();
}

awaitable<void> Transport::finish() {
  try {
    co_await with_timeout(drop_input(), kFinishTime);
  } catch (const system_error&) {
    // Late or broken: closed below like everything else.
  }
  close();
}

awaitable<void> Transport::drop_input() {
  error_code ignored;
  if (state_->tls) {
    // close_notify goes out with the first step; the peer's is not waited for.
    SSL_set_shutdown(state_->tls->native_handle(), SSL_RECEIVED_SHUTDOWN);
    co_await state_->tls->async_shutdown(net::as_tuple(use_awaitable));
  }
  state_->socket.shutdown(net::socket_base::shutdown_send, ignored);
  std::array<char, 4096> dropped;
  for (std::size_t total = 0; total < kFinishBytes;) {
    const auto [error, count] =
        co_await state_->socket.async_read_some(net::buffer(dropped), net::as_tuple(use_awaitable));
    if (error) co_return;
    total += count;
  }
}

}  // namespace seendr::http
