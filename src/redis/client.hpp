// An asynchronous Redis client: one connection, shared by all coroutines of one event loop.
//
// Commands of one turn of the event loop leave in one write and are answered in order, so that
// many coroutines share round trips without knowing of each other. The connection is made again
// by itself when it breaks. Blocking commands (XREAD BLOCK, BLPOP) need a Client of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/env.hpp"
#include "redis/command.hpp"
#include "redis/error.hpp"
#include "redis/reply.hpp"
#include "redis/url.hpp"
#include "runtime/backoff.hpp"
#include "runtime/net.hpp"

namespace seendr::redis {

class Connection;  // redis/connection.hpp: exec() of single commands

// Runs on each new connection, after the handshake and before any queued command is sent. Within
// command_timeout; if it throws, the connection is dropped and made again after a delay.
using OnConnect = std::function<awaitable<void>(Connection&)>;

struct ClientOptions {
  Url url;
  std::string client_name = "seendr";  // CLIENT SETNAME, and the label of the metrics.
  Millis connect_timeout{2000};        // For name look-up, connect, TLS and AUTH together.
  Millis command_timeout{5000};        // From exec() to the reply.
  std::size_t queue_limit = 16'384;    // Commands waiting or in flight.
  BackoffOptions backoff;              // Between attempts to connect.
  std::string tls_ca_file;             // PEM; empty: the system's authorities.
  bool tls_verify = true;              // Check the server's certificate and name.
  OnConnect on_connect;
};

// Used on one executor, that is one thread. Must outlive the coroutines that wait for it, and
// run() must have ended before it is destroyed.
class Client {
 public:
  Client(const Env& env, Executor executor, ClientOptions options);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  // Connects, and connects again after each loss, until it is cancelled. Then everything that
  // waits fails with Errc::stopped. The only background loop; commands wait until it runs.
  awaitable<void> run();

  // Sends the command and returns its reply. Throws ServerError for an error reply, and
  // system_error: overloaded at once when the queue is full; timed_out after `timeout`, also
  // while there is no connection; connection_lost when it broke after the command was sent and
  // the command is not repeatable.
  awaitable<Reply> exec(Command command);
  awaitable<Reply> exec(Command command, Millis timeout);

  // The same for commands that are sent together; error replies are among the replies.
  awaitable<std::vector<Reply>> exec(Pipeline pipeline);
  awaitable<std::vector<Reply>> exec(Pipeline pipeline, Millis timeout);

  // Returns when there is a connection; throws timed_out after `limit`.
  awaitable<void> wait_connected(Millis limit);

  // Calls `call` whenever a connection was made, from now on; in place of the one before. It must
  // not throw, and may be empty.
  void on_connected(std::function<void()> call);

  bool connected() const;              // A connection is ready for commands.
  std::uint64_t connections() const;   // How many were made so far.
  std::uint64_t calls() const;         // Commands sent so far, without those of the handshake.
  const std::string& trouble() const;  // Why there is no connection; empty when there is one.
  const ClientOptions& options() const;
  Executor executor() const;

 private:
  struct State;

  std::shared_ptr<State> state_;
};

}  // namespace seendr::redis
