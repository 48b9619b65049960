#include "redis/server.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <thread>
#include <unistd.h>

#include "redis/error.hpp"

#include <sys/socket.h>
#include <sys/un.h>

namespace seendr::redis {

namespace fs = std::filesystem;

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr Millis kProbeSpacing{5};
constexpr std::size_t kLogLines = 8;

[[noreturn]] void refuse(const std::string& text) {
  throw system_error(make_error_code(boost::system::errc::io_error), text);
}

std::string program() {
  for (const char* name : {"redis-server", "valkey-server"}) {
    if (const auto path = find_program(name)) return *path;
  }
  refuse("neither redis-server nor valkey-server is installed");
}

// A directory only its owner may enter.
void make_private(const fs::path& path, const Identity& identity) {
  if (!fs::create_directories(path)) return;
  fs::permissions(path, fs::perms::owner_all);
  if (identity.switches && chown(path.c_str(), identity.uid, identity.gid) != 0) {
    refuse("cannot give " + path.string() + " to " + identity.user + ": " + std::strerror(errno));
  }
}

std::vector<std::string> arguments(const ServerOptions& options, const fs::path& socket) {
  std::vector<std::string> result{
      "--port",
      "0",
      "--protected-mode",
      "yes",
      "--daemonize",
      "no",
      "--unixsocket",
      socket.string(),
      "--unixsocketperm",
      "700",
      "--dir",
      (options.directory / options.name).string(),
      "--save",
      "",
      "--appendonly",
      options.durable ? "yes" : "no",
      "--appendfsync",
      "everysec",
      "--maxmemory-policy",
      options.durable ? "noeviction" : "allkeys-lru",
  };
  if (!options.durable) {
    result.insert(result.end(), {"--maxmemory", options.max_memory});
  }
  result.insert(result.end(), options.arguments.begin(), options.arguments.end());
  return result;
}

std::string last_lines(const fs::path& log) {
  std::ifstream in(log);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
    if (lines.size() > kLogLines) lines.erase(lines.begin());
  }
  std::string text;
  for (const std::string& line : lines) text += "\n  " + line;
  return text;
}

// Whether a server on the socket answers PING, waiting at most `limit`: with PONG, or by asking for
// a password, but not by saying that it loads its data.
bool answers(const fs::path& socket, Millis limit) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit);
  const timeval wait{seconds.count(), std::chrono::microseconds(limit - seconds).count()};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  char reply[7] = {};
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  const bool good = connect(fd, generic, sizeof address) == 0 &&
                    ::send(fd, "PING\r\n", 6, MSG_NOSIGNAL) == 6 &&
                    recv(fd, reply, sizeof reply, MSG_WAITALL) == sizeof reply;
  close(fd);
  const std::string_view text(reply, sizeof reply);
  return good && (text == "+PONG\r\n" || text == "-NOAUTH");
}

}  // namespace

Server Server::start(ServerOptions options) {
  const fs::path socket = options.directory / "run" / (options.name + ".sock");
  if (socket.string().size() >= sizeof(sockaddr_un::sun_path)) {
    refuse("the path of the socket is too long (107 bytes at most): " + socket.string());
  }
  make_private(options.directory / "run", options.identity);
  make_private(options.directory / options.name, options.identity);
  fs::remove(socket);  // Left by a server that was killed; it would answer for nobody.

  ChildOptions child;
  child.program = program();
  child.arguments = arguments(options, socket);
  child.environment = {"PATH=/usr/bin:/bin", "LC_ALL=C"};
  child.directory = (options.directory / options.name).string();
  child.log_file = (options.directory / (options.name + ".log")).string();
  child.identity = options.identity;
  child.parent_death_signal = SIGTERM;
  Server server(std::move(options), ChildProcess::start(std::move(child)));
  server.wait_ready();
  return server;
}

Server::Server(ServerOptions options, ChildProcess process)
    : options_(std::move(options)), process_(std::move(process)) {}

Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

void Server::wait_ready() {
  const fs::path log = options_.directory / (options_.name + ".log");
  const auto deadline = SteadyClock::now() + options_.start_limit;
  while (!answers(socket(), Millis(1000))) {
    if (!process_.running()) refuse("redis-server ended at once:" + last_lines(log));
    if (SteadyClock::now() >= deadline) {
      refuse("redis-server did not get ready in time:" + last_lines(log));
    }
    std::this_thread::sleep_for(kProbeSpacing);
  }
}

void Server::stop() {
  if (!process_.running()) return;
  process_.signal(SIGTERM);
  if (process_.wait(options_.stop_limit)) return;
  process_.signal(SIGKILL);
  process_.wait(options_.stop_limit);
}

bool Server::running() const {
  return process_.running();
}

fs::path Server::socket() const {
  return options_.directory / "run" / (options_.name + ".sock");
}

Url Server::url() const {
  Url url;
  url.scheme = Scheme::unix_socket;
  url.path = socket().string();
  return url;
}

ChildProcess& Server::process() {
  return process_;
}

}  // namespace seendr::redis
