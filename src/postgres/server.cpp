#include "postgres/server.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>
#include <unistd.h>

#include <pqxx/pqxx>

#include "postgres/url.hpp"

#include <sys/stat.h>

namespace seendr::postgres {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr Millis kInitLimit{120'000};
constexpr Millis kLeftoverLimit{10'000};
constexpr std::uintmax_t kLargeLog = 8'000'000;
constexpr std::size_t kLongestSocket = 107;  // sockaddr_un::sun_path without its final zero.
constexpr std::string_view kSocketName = "/.s.PGSQL.5432";

[[noreturn]] void fail(const std::string& context) {
  throw system_error(make_error_code(Errc::server_failed), context);
}

std::string binary(std::string_view name) {
  if (auto path = find_binary(name)) return *path;
  fail("cannot find the program " + std::string(name) + " of PostgreSQL (package postgresql)");
}

std::vector<std::string> environment() {
  return {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"};
}

void give_to(const Identity& identity, const fs::path& path) {
  if (!identity.switches) return;
  if (lchown(path.c_str(), identity.uid, identity.gid) != 0) {
    fail("cannot give " + path.string() + " to the user " + identity.user);
  }
}

void check_socket_path(const ServerOptions& options) {
  const std::size_t length = options.socket_folder.size() + kSocketName.size();
  if (length <= kLongestSocket) return;
  fail("the socket's path " + options.socket_folder + std::string(kSocketName) + " has " +
       std::to_string(length) + " characters, a unix socket allows " +
       std::to_string(kLongestSocket) + "; choose a shorter data directory");
}

// The server's own check trusts process numbers, which another process may have by now: when nobody
// lives in the cluster (PostgreSQL does all of its life), its lock is a leftover.
void remove_leftovers(const fs::path& cluster) {
  if (!left_by_all(cluster, kLeftoverLimit))
    fail("another PostgreSQL still runs in " + cluster.string());
  fs::remove(cluster / "postmaster.pid");
}

void set_large_log_aside(const std::string& log) {
  std::error_code ignored;
  if (fs::file_size(log, ignored) > kLargeLog && !ignored) fs::rename(log, log + ".1", ignored);
}

std::vector<std::string> server_arguments(const ServerOptions& options) {
  std::vector<std::string> settings{
      "listen_addresses=",
      "unix_socket_permissions=0700",
      "max_connections=100",
      "shared_buffers=64MB",
      "timezone=UTC",
      "log_timezone=UTC",
      "log_min_error_statement=panic"};  // Statements may carry what people wrote.
  if (!options.durable) {
    const auto fast = {"fsync=off",
                       "synchronous_commit=off",
                       "full_page_writes=off",
                       "wal_level=minimal",
                       "max_wal_senders=0",
                       "autovacuum=off",
                       "jit=off"};
    settings.insert(settings.end(), fast.begin(), fast.end());
  }
  std::vector<std::string> arguments{"-D", options.data_folder, "-k", options.socket_folder};
  for (const std::string& setting : settings) {
    arguments.emplace_back("-c");
    arguments.push_back(setting);
  }
  return arguments;
}

ChildProcess launch(const ServerOptions& options) {
  remove_leftovers(options.data_folder);
  set_large_log_aside(options.log_file);
  ChildOptions child;
  child.program = binary("postgres");
  child.arguments = server_arguments(options);
  child.environment = environment();
  child.directory = options.data_folder;
  child.log_file = options.log_file;
  child.identity = options.identity;
  child.parent_death_signal = SIGQUIT;  // Immediate shutdown; its own children go with it.
  return ChildProcess::start(std::move(child));
}

}  // namespace

std::optional<std::string> find_binary(std::string_view name) {
  int newest = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    const std::string version = entry.path().filename();
    int number = 0;
    std::from_chars(version.data(), version.data() + version.size(), number);
    const bool complete = access((entry.path() / "bin" / name).c_str(), X_OK) == 0;
    if (complete && number > newest) newest = number;
  }
  if (newest > 0) {
    return "/usr/lib/postgresql/" + std::to_string(newest) + "/bin/" + std::string(name);
  }
  return find_program(name);
}

void Server::make_cluster(const ServerOptions& options) {
  const fs::path cluster = options.data_folder;
  if (fs::exists(cluster)) return;
  const fs::path partial = options.data_folder + ".partial";  // What a killed attempt left behind.
  fs::remove_all(partial);
  fs::create_directory(partial);
  fs::permissions(partial, fs::perms::owner_all);
  give_to(options.identity, partial);

  std::mutex mutex;
  std::string said;
  ChildOptions child;
  child.program = binary("initdb");
  child.arguments = {"-D",    partial, "-U",   "seendr",           "-A",
                     "trust", "-E",    "UTF8", "--locale=C.UTF-8", "--no-instructions"};
  if (!options.durable) child.arguments.insert(child.arguments.end(), {"-N", "--wal-segsize=1"});
  child.environment = environment();
  child.directory = partial;
  child.identity = options.identity;
  child.on_line = [&](std::string_view line) {
    const std::lock_guard lock(mutex);
    if (said.size() < 8000) said += std::string(line) + "\n";
  };
  const ChildProcess initdb = ChildProcess::start(std::move(child));
  if (!initdb.wait(kInitLimit)) fail("initdb did not finish within two minutes");
  if (initdb.exit_status() != 0) fail("initdb failed: " + said);
  fs::rename(partial, cluster);
}

Server Server::start(const Env& env, const ServerOptions& options) {
  check_socket_path(options);
  if (!fs::exists(options.data_folder)) {
    env.log.info("postgres_cluster_making", "folder", options.data_folder);
    make_cluster(options);
  }
  Server server(options, launch(options));
  server.wait_until_ready();
  server.make_database();
  return server;
}

std::string Server::url(std::string_view database) const {
  return socket_url(options_.socket_folder, "seendr", database);
}

void Server::wait_until_ready() {
  const std::string socket = options_.socket_folder + std::string(kSocketName);
  const auto deadline = Clock::now() + options_.ready_limit;
  std::string reason = "it did not open its socket";
  while (Clock::now() < deadline) {
    if (process_.wait(Millis(10))) {
      fail("it ended with status " + std::to_string(*process_.exit_status()) + last_log_lines());
    }
    if (access(socket.c_str(), F_OK) != 0) continue;
    try {
      const pqxx::connection connection(url("postgres"));
      return;
    } catch (const pqxx::failure& e) {
      reason = what(e);  // "the database system is starting up"
    }
  }
  fail("it was not ready in time: " + reason + last_log_lines());
}

void Server::make_database() {
  try {
    pqxx::connection connection(url("postgres"));
    pqxx::nontransaction session(connection);
    if (session.exec("select 1 from pg_database where datname = 'seendr'").empty()) {
      session.exec("create database seendr");
    }
  } catch (const pqxx::failure& e) {
    fail("cannot make the database: " + what(e) + last_log_lines());
  }
}

std::string Server::last_log_lines() const {
  std::ifstream log(options_.log_file);
  std::deque<std::string> lines;
  for (std::string line; std::getline(log, line);) {
    lines.push_back(line);
    if (lines.size() > 10) lines.pop_front();
  }
  std::string text = "; the end of " + options_.log_file + ":";
  for (const std::string& line : lines) text += "\n  " + line;
  return text + "\n";
}

void Server::stop(Millis limit) {
  process_.signal(SIGINT);
  if (process_.wait(limit)) return;
  process_.signal(SIGQUIT);
  process_.wait(Millis(5000));
}

void Server::kill() {
  process_.signal(SIGKILL);
  process_.wait(Millis(10'000));
}

void Server::restart() {
  kill();
  process_ = launch(options_);
  wait_until_ready();
}

}  // namespace seendr::postgres
