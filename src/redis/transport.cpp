#include "redis/transport.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace seendr::redis {

namespace ssl = net::ssl;

namespace {

awaitable<StreamSocket> connect_unix(std::string path) {
  const Executor executor = co_await net::this_coro::executor;
  StreamSocket socket(executor);
  const net::local::stream_protocol::endpoint endpoint(path);
  co_await socket.async_connect(endpoint, use_awaitable);
  co_return socket;
}

awaitable<StreamSocket> connect_tcp(std::string host, std::uint16_t port) {
  const Executor executor = co_await net::this_coro::executor;
  Resolver resolver(executor);
  const std::string service = std::to_string(port);
  const auto found = co_await resolver.async_resolve(host, service, use_awaitable);

  error_code last = net::error::host_not_found;
  for (const auto& entry : found) {
    StreamSocket socket(executor);
    const net::generic::stream_protocol::endpoint endpoint = entry.endpoint();
    const auto [error] = co_await socket.async_connect(endpoint, net::as_tuple(use_awaitable));
    last = error;
    if (error == net::error::operation_aborted) break;
    if (error) continue;
    socket.set_option(tcp::no_delay(true));
    socket.set_option(net::socket_base::keep_alive(true));
    co_return socket;
  }
  throw system_error(last, "connect");
}

bool is_address(const std::string& host) {
  error_code error;
  net::ip::make_address(host, error);
  return !error;
}

}  // namespace

struct Transport::Tls {
  Tls(StreamSocket& socket, const TlsOptions& options)
      : context(ssl::context::tls_client), stream(socket, prepare(context, options)) {}

  static ssl::context& prepare(ssl::context& context, const TlsOptions& options) {
    context.set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 |
                        ssl::context::no_tlsv1_1);
    if (options.ca_file.empty()) {
      context.set_default_verify_paths();
    } else {
      context.load_verify_file(options.ca_file);
    }
    context.set_verify_mode(options.verify ? ssl::verify_peer : ssl::verify_none);
    return context;
  }

  ssl::context context;
  ssl::stream<StreamSocket&> stream;
};

Transport::Transport(StreamSocket socket)
    : executor_(socket.get_executor()), socket_(std::move(socket)) {}

Transport::~Transport() = default;

awaitable<std::unique_ptr<Transport>> Transport::connect(Url url, TlsOptions tls) {
  if (url.scheme == Scheme::unix_socket) {
    StreamSocket socket = co_await connect_unix(url.path);
    co_return std::make_unique<Transport>(std::move(socket));
  }
  StreamSocket socket = co_await connect_tcp(url.host, url.port);
  auto transport = std::make_unique<Transport>(std::move(socket));
  if (url.scheme == Scheme::tls) {
    co_await transport->start_tls(url.host, tls);
  }
  co_return transport;
}

awaitable<void> Transport::start_tls(std::string host, TlsOptions options) {
  tls_ = std::make_unique<Tls>(socket_, options);
  if (!is_address(host)) {
    // What SSL_set_tlsext_host_name is a macro for (with a cast our warnings refuse).
    SSL_ctrl(tls_->stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             host.data());
  }
  if (options.verify) tls_->stream.set_verify_callback(ssl::host_name_verification(host));
  co_await tls_->stream.async_handshake(ssl::stream_base::client, use_awaitable);
}

void Transport::read_some(net::mutable_buffer buffer, Done done) {
  if (tls_) {
    tls_->stream.async_read_some(buffer, std::move(done));
  } else {
    socket_.async_read_some(buffer, std::move(done));
  }
}

void Transport::write(net::const_buffer buffer, Done done) {
  if (tls_) {
    net::async_write(tls_->stream, buffer, std::move(done));
  } else {
    net::async_write(socket_, buffer, std::move(done));
  }
}

void Transport::close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace seendr::redis
