// The port the process listens on, opened once for each event loop.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/net.hpp"

namespace seendr::http {

struct ListenOptions {
  std::string host = "127.0.0.1";  // An address, or a name that resolves to one.
  std::uint16_t port = 8080;       // 0 takes a free one.
  bool share_port = false;         // Other processes may listen on it too.
};

// Binds at construction. Connections wait in the kernel until an acceptor of it runs.
class Listener {
 public:
  // Throws system_error (address_in_use among them) if the port cannot be had.
  explicit Listener(ListenOptions options);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // A listening socket of its own for one event loop; the kernel spreads connections among them.
  Acceptor acceptor(Executor executor);

  std::uint16_t port() const { return endpoint_.port(); }
  std::string address() const { return endpoint_.address().to_string(); }

 private:
  int first_ = -1;  // The descriptor bound at construction, until the first acceptor takes it.
  tcp::endpoint endpoint_;
};

}  // namespace seendr::http
