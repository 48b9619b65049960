// The bytes' way to Redis: TCP, TLS or a unix socket behind one interface.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/env.hpp"
#include "base/error.hpp"
#include "redis/url.hpp"
#include "runtime/net.hpp"

namespace seendr::redis {

struct TlsOptions {
  std::string ca_file;  // PEM; empty: the system's authorities.
  bool verify = true;   // The certificate and the name in it.
};

class Transport {
 public:
  using Done = std::function<void(error_code, std::size_t)>;

  explicit Transport(StreamSocket socket);
  ~Transport();

  // Looks up the name, connects, and does the TLS handshake. Throws what failed last.
  static awaitable<std::unique_ptr<Transport>> connect(Url url, TlsOptions tls);

  // One read and one write at a time; the buffers stay until `done` is called.
  void read_some(net::mutable_buffer buffer, Done done);
  void write(net::const_buffer buffer, Done done);

  void close();
  const Executor& executor() const { return executor_; }

 private:
  struct Tls;

  awaitable<void> start_tls(std::string host, TlsOptions options);

  Executor executor_;
  StreamSocket socket_;
  std::unique_ptr<Tls> tls_;  // Over socket_; null without TLS.
};

}  // namespace seendr::redis
