#include "support/postgres_test.hpp"

#include <atomic>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include <pqxx/pqxx>

#include "postgres/migrations.hpp"
#include "postgres/url.hpp"

#include <sys/file.h>
#include <sys/stat.h>

namespace seendr::test {

namespace {

namespace fs = std::filesystem;

constexpr const char* kTemplate = "seendr_template";

std::string make_temp_folder() {
  char name[] = "/tmp/seendr-XXXXXX";
  if (!mkdtemp(name)) throw std::runtime_error("cannot make a folder in /tmp");
  chmod(name, 0711);  // NOLINT: the service user must be able to pass.
  return name;
}

postgres::ServerOptions options_in(TempFolder& folder) {
  postgres::ServerOptions options;
  options.data_folder = folder.path() + "/data";
  options.socket_folder = folder.path() + "/run";
  options.log_file = folder.path() + "/postgres.log";
  options.identity = service_identity();
  options.durable = false;
  return options;
}

void copy(const std::string& from, const std::string& to) {
  ChildOptions cp;
  cp.program = find_program("cp").value();
  cp.arguments = {"-a", "--reflink=auto", from, to};
  cp.environment = {"PATH=/usr/bin:/bin"};
  const ChildProcess child = ChildProcess::start(std::move(cp));
  if (!child.wait(Millis(60'000)) || child.exit_status() != 0) {
    throw std::runtime_error("cannot copy " + from + " to " + to);
  }
}

// The path of a cluster to copy from: made once a build folder, user and version of PostgreSQL.
std::string template_cluster() {
  const std::string binary = postgres::find_binary("postgres").value();
  const std::string version = std::to_string(std::hash<std::string>()(binary) % 100'000);
  const std::string path = std::string(SEENDR_BINARY_DIR) + "/postgres-template-" +
                           std::to_string(geteuid()) + "-" + version;
  const int lock = open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0 || flock(lock, LOCK_EX) != 0) throw std::runtime_error("cannot lock " + path);
  if (!fs::exists(path)) {
    TempFolder folder;
    const postgres::ServerOptions options = options_in(folder);
    postgres::Server::make_cluster(options);
    fs::remove_all(path + ".partial");
    copy(options.data_folder, path + ".partial");
    fs::rename(path + ".partial", path);
  }
  close(lock);
  return path;
}

// The migrated database that tests get copies of.
void make_template(PostgresServer& server) {
  static bool made = false;
  if (made) return;
  server.execute("postgres", std::string("create database ") + kTemplate);
  postgres::migrate(server->url(kTemplate));
  made = true;
}

}  // namespace

Identity service_identity() {
  return unprivileged_identity({"postgres", "nobody"});
}

TempFolder::TempFolder() : path_(make_temp_folder()) {}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TempFolder::make(const std::string& name, const Identity& owner) {
  const std::string folder = path_ + "/" + name;
  if (mkdir(folder.c_str(), 0700) != 0) throw std::runtime_error("cannot make " + folder);
  if (owner.switches && chown(folder.c_str(), owner.uid, owner.gid) != 0) {
    throw std::runtime_error("cannot give away " + folder);
  }
  return folder;
}

PostgresServer::PostgresServer() {
  const postgres::ServerOptions options = options_in(folder_);
  folder_.make("run", options.identity);
  copy(template_cluster(), options.data_folder);
  TestEnv env;
  server_.emplace(postgres::Server::start(env.real(), options));
}

std::string PostgresServer::execute(const std::string& database, const std::string& sql) {
  pqxx::connection connection(server_->url(database));
  pqxx::nontransaction session(connection);
  const pqxx::result rows = session.exec(sql);
  if (rows.empty() || rows[0].size() == 0 || rows[0][0].is_null()) return "";
  return rows[0][0].as<std::string>();
}

PostgresServer& shared_postgres() {
  static PostgresServer server;
  if (!server->running()) server->restart();
  return server;
}

TestDatabase::TestDatabase(Schema schema) {
  static std::atomic<int> count{0};
  PostgresServer& server = shared_postgres();
  if (schema == Schema::migrated) make_template(server);
  const char* origin = schema == Schema::migrated ? kTemplate : "template0";
  name_ = "test_" + std::to_string(++count);
  server.execute("postgres", "create database " + name_ + " template " + origin);
}

TestDatabase::~TestDatabase() {
  try {
    shared_postgres().execute("postgres", "drop database " + name_ + " with (force)");
  } catch (const std::exception& e) {
    ADD_FAILURE() << "cannot drop " << name_ << ": " << e.what();
  }
}

std::string TestDatabase::url() const {
  return shared_postgres()->url(name_);
}

std::string TestDatabase::execute(const std::string& sql) const {
  return shared_postgres().execute(name_, sql);
}

postgres::Database& PostgresTest::database() {
  if (!connection_) {
    postgres::DatabaseOptions options;
    options.url = url();
    connection_ = std::make_unique<postgres::Database>(env(), options);
  }
  return *connection_;
}

}  // namespace seendr::test
