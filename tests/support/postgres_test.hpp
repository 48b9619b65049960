// A real PostgreSQL for tests: one private server an executable, one migrated database a test.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "postgres/database.hpp"
#include "postgres/server.hpp"
#include "runtime/child_process.hpp"
#include "support/env.hpp"
#include "support/run.hpp"

namespace seendr::test {

// A folder of its own under /tmp, open to the service user, removed at the end. Short enough for
// the path of a unix socket.
class TempFolder {
 public:
  TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();

  const std::string& path() const { return path_; }

  // A folder in it that belongs to `owner`, 0700; returns its path.
  std::string make(const std::string& name, const Identity& owner);

 private:
  std::string path_;
};

// Who managed services run as: postgres or nobody for root, oneself otherwise.
Identity service_identity();

// A server with test settings and no database but the server's own. Its cluster is a copy of one
// that is made once a build folder.
class PostgresServer {
 public:
  PostgresServer();

  postgres::Server& operator*() { return *server_; }
  postgres::Server* operator->() { return &*server_; }
  const TempFolder& folder() const { return folder_; }

  // Runs SQL outside of a transaction; returns the first value as text, "" for none.
  std::string execute(const std::string& database, const std::string& sql);

 private:
  TempFolder folder_;
  std::optional<postgres::Server> server_;
};

// The server that the tests of this executable share; started by the first call, running after
// each.
PostgresServer& shared_postgres();

// A database of its own on the shared server, dropped at the end.
class TestDatabase {
 public:
  enum class Schema { migrated, empty };

  explicit TestDatabase(Schema schema = Schema::migrated);
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;
  ~TestDatabase();

  const std::string& name() const { return name_; }
  std::string url() const;
  std::string execute(const std::string& sql) const;

 private:
  std::string name_;
};

// The fixture most tests want.
class PostgresTest : public testing::Test {
 protected:
  Env env() { return env_.real(); }
  net::io_context& io() { return io_; }

  // The URL of this test's database, and a Database on it with default options.
  std::string url() const { return database_.url(); }
  postgres::Database& database();

  // Straight SQL, to arrange and to look; blocks.
  std::string execute(const std::string& sql) const { return database_.execute(sql); }

  template <class Body>
  void run(Body body, std::chrono::seconds limit = std::chrono::seconds(20)) {
    test::run(io_, std::move(body), limit);
  }

  // The whole server, as kill -9 would; restart_server() before the test ends, or the next one
  // does.
  static void kill_server() { shared_postgres()->kill(); }
  static void restart_server() { shared_postgres(); }

 private:
  TestEnv env_;
  net::io_context io_;
  TestDatabase database_;
  std::unique_ptr<postgres::Database> connection_;
};

}  // namespace seendr::test
