// A private PostgreSQL server: its cluster is made when missing, it listens on a unix socket only,
// runs as an unprivileged user, and ends with this process.
#pragma once

#include <optional>
#include <string>

#include "base/env.hpp"
#include "postgres/error.hpp"
#include "runtime/child_process.hpp"

#include <sys/types.h>

namespace seendr::postgres {

struct ServerOptions {
  std::string data_folder;     // The cluster; made when missing. Its parent must exist.
  std::string socket_folder;   // Exists and belongs to `identity`; at most 88 characters.
  std::string log_file;        // Appended to; set aside as <name>.1 when it has grown large.
  Identity identity;           // Owns the cluster. PostgreSQL refuses to run as root.
  bool durable = true;         // False trades all safety for speed: for tests only.
  Millis ready_limit{60'000};  // For the start, which may have to recover after a crash.
};

// May be used from any thread, by one at a time. All of it blocks: not for an event loop.
class Server {
 public:
  // Makes the cluster if it is missing, starts the server, waits until it answers, and makes the
  // database `seendr`. Throws system_error with Errc::server_failed, a sentence, and the last lines
  // of the log.
  static Server start(const Env& env, const ServerOptions& options);

  // Makes the cluster: complete, or not at all, even if this process is killed meanwhile.
  static void make_cluster(const ServerOptions& options);

  // postgresql:///seendr?host=<socket_folder>&user=seendr
  std::string url(std::string_view database = "seendr") const;

  bool running() const { return process_.running(); }
  pid_t pid() const { return process_.pid(); }

  // Fast shutdown: cuts connections, writes everything. Harsher after `limit`. The destructor
  // kills.
  void stop(Millis limit = Millis(10'000));

  // Ends it as kill -9 does.
  void kill();

  // Starts it again with the same cluster, also after it died by itself. Throws as start() does.
  void restart();

 private:
  Server(ServerOptions options, ChildProcess process)
      : options_(std::move(options)), process_(std::move(process)) {}

  void wait_until_ready();
  void make_database();
  std::string last_log_lines() const;

  ServerOptions options_;
  ChildProcess process_;
};

// The program of that name (postgres, initdb) of the newest PostgreSQL on this system; else from
// PATH.
std::optional<std::string> find_binary(std::string_view name);

}  // namespace seendr::postgres
