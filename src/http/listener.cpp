#include "http/listener.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "base/error.hpp"

#include <sys/socket.h>

namespace seendr::http {

namespace {

[[noreturn]] void fail(const char* what) {
  throw system_error(error_code(errno, boost::system::system_category()), what);
}

void enable(int descriptor, int level, int option, int value) {
  if (setsockopt(descriptor, level, option, &value, sizeof value) != 0) fail("socket option");
}

tcp::endpoint resolve(const ListenOptions& options) {
  error_code error;
  const net::ip::address address = net::ip::make_address(options.host, error);
  if (!error) return {address, options.port};
  net::io_context io;
  net::ip::basic_resolver<tcp, Executor> resolver(io.get_executor());
  const auto found =
      resolver.resolve(options.host, std::to_string(options.port), net::ip::resolver_base::passive);
  return found.begin()->endpoint();
}

// A bound socket; -1 and errno when it cannot be bound.
int bind_socket(const tcp::endpoint& endpoint, bool reuse_port) {
  const int descriptor =
      socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) fail("socket");
  enable(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
  if (reuse_port) enable(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
  if (endpoint.address().is_v6()) enable(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (bind(descriptor, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0) {
    return descriptor;
  }
  const int error = std::exchange(errno, 0);
  ::close(descriptor);
  errno = error;
  return -1;
}

int listen_on(const tcp::endpoint& endpoint) {
  const int descriptor = bind_socket(endpoint, true);
  if (descriptor < 0) fail("bind");
  if (listen(descriptor, SOMAXCONN) != 0) {
    ::close(descriptor);
    fail("listen");
  }
  return descriptor;
}

}  // namespace

Listener::Listener(ListenOptions options) : endpoint_(resolve(options)) {
  // With SO_REUSEPORT a second server would silently take half of our connections: a bind without
  // it tells whether somebody is there. (The kernel never shares a port it chooses itself.)
  if (!options.share_port && options.port != 0) {
    const int probe = bind_socket(endpoint_, false);
    if (probe < 0) fail("bind");
    ::close(probe);
  }
  first_ = listen_on(endpoint_);
  socklen_t size = static_cast<socklen_t>(endpoint_.capacity());
  if (getsockname(first_, endpoint_.data(), &size) != 0) fail("getsockname");
}

Listener::~Listener() {
  if (first_ >= 0) ::close(first_);
}

Acceptor Listener::acceptor(Executor executor) {
  const int descriptor = first_ >= 0 ? std::exchange(first_, -1) : listen_on(endpoint_);
  return Acceptor(executor, endpoint_.protocol(), descriptor);
}

}  // namespace seendr::http
