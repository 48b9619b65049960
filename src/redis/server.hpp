// A redis-server (or valkey-server) of our own: a child process on a unix socket, no TCP port.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/env.hpp"
#include "redis/url.hpp"
#include "runtime/child_process.hpp"

namespace seendr::redis {

struct ServerOptions {
  std::filesystem::path directory;  // Holds run/<name>.sock (0700), <name>/ (data) and <name>.log.
  std::string name = "state";

  // True: append-only file synced every second, nothing is evicted. False, a cache: nothing is
  // stored, the least recently used keys make room beyond `max_memory`.
  bool durable = true;
  std::string max_memory = "256mb";

  std::vector<std::string> arguments;  // More for the command line, e.g. "--maxclients", "100".
  Identity identity;           // Who runs it; the directories it needs are made and given to it.
  Millis start_limit{30'000};  // Until it answers PING, which includes loading its data.
  Millis stop_limit{10'000};   // From SIGTERM to SIGKILL.
};

// The child ends with this process, even when that is killed.
class Server {
 public:
  // Blocks the calling thread until the server answers. Throws system_error with the last lines of
  // its log when it ends or does not answer within start_limit.
  static Server start(ServerOptions options);

  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();  // Kills it if stop() was not called.

  // SIGTERM, and SIGKILL after stop_limit; blocks. Does nothing once it has ended.
  void stop();

  bool running() const;
  std::filesystem::path socket() const;
  Url url() const;
  ChildProcess& process();

 private:
  Server(ServerOptions options, ChildProcess process);
  void wait_ready();

  ServerOptions options_;
  ChildProcess process_;
};

}  // namespace seendr::redis
