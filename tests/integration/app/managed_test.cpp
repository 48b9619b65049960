#include "app/managed.hpp"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include "postgres/migrations.hpp"
#include "support/postgres_test.hpp"

#include <sys/stat.h>
#include <sys/wait.h>

namespace seendr::app {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class ManagedTest : public testing::Test {
 protected:
  Env env() { return env_.real(); }
  std::string folder() const { return temp_.path() + "/data"; }

  ManagedOptions options() const {
    ManagedOptions options;
    options.folder = folder();
    options.durable = false;
    return options;
  }

  static std::string sql(const std::string& url, const std::string& statement) {
    pqxx::connection connection(url);
    pqxx::nontransaction session(connection);
    const pqxx::result rows = session.exec(statement);
    return rows.empty() || rows[0][0].is_null() ? "" : rows[0][0].as<std::string>();
  }

  // One command to a Redis, as text.
  static std::string redis(const std::string& url, const std::string& command) {
    ChildOptions cli;
    cli.program = find_program("redis-cli").value();
    const std::string socket = url.substr(std::string("unix://").size());
    cli.arguments = {"-s", socket};
    std::istringstream words(command);
    for (std::string word; words >> word;) cli.arguments.push_back(word);
    std::string said;
    cli.on_line = [&said](std::string_view line) {
      said += line;
    };
    const ChildProcess child = ChildProcess::start(std::move(cli));
    EXPECT_TRUE(child.wait(10'000ms));
    return said;
  }

  test::TempFolder temp_;
  test::TestEnv env_;
};

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

std::vector<pid_t> processes_in(const std::string& folder) {
  std::vector<pid_t> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const fs::path place = fs::read_symlink(entry.path() / "cwd", ignored);
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    if (!ignored && pid > 0 && place.string().starts_with(folder + "/")) found.push_back(pid);
  }
  return found;
}

mode_t mode_of(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}

TEST_F(ManagedTest, StartsEveryServiceMigratedAndPrivate) {
  const auto services = ManagedServices::start(env(), options());
  const ServiceUrls& urls = services->urls();

  EXPECT_EQ(postgres::schema_state(urls.database), postgres::Schema::current);
  EXPECT_EQ(sql(urls.database, "show listen_addresses"), "");
  EXPECT_EQ(redis(urls.redis, "config get maxmemory-policy"), "maxmemory-policynoeviction");
  EXPECT_EQ(redis(urls.redis, "config get appendonly"), "appendonlyyes");
  EXPECT_EQ(redis(urls.cache, "config get maxmemory-policy"), "maxmemory-policyallkeys-lru");
  EXPECT_EQ(redis(urls.cache, "config get maxmemory"), "maxmemory268435456");
  EXPECT_EQ(redis(urls.redis, "config get port"), "port0");
  for (const char* part : {"run", "state", "cache", "postgres"}) {
    EXPECT_EQ(mode_of(folder() + "/" + part), 0700U) << part;
  }
  EXPECT_EQ(mode_of(folder()) & 0066, 0U);  // Root's services may pass, nobody may look.
}

TEST_F(ManagedTest, FindsItsDataAgainAtTheSecondStart) {
  {
    const auto services = ManagedServices::start(env(), options());
    sql(services->urls().database, "create table kept (n int)");
    redis(services->urls().redis, "set kept yes");
    redis(services->urls().cache, "set kept yes");
  }
  EXPECT_TRUE(processes_in(folder()).empty());

  const auto services = ManagedServices::start(env(), options());

  EXPECT_EQ(sql(services->urls().database, "select to_regclass('kept')::text"), "kept");
  EXPECT_EQ(redis(services->urls().redis, "get kept"), "yes");
  EXPECT_EQ(redis(services->urls().cache, "get kept"), "");
}

TEST_F(ManagedTest, RefusesAFolderInUseAndNamesTheHolder) {
  const auto first = ManagedServices::start(env(), options());
  first->announce("http://127.0.0.1:8080/");
  try {
    ManagedServices::start(env(), options());
    FAIL() << "started";
  } catch (const DataFolderError& error) {
    EXPECT_EQ(std::string(error.what()), folder() + " is in use by seendr serve (process " +
                                             std::to_string(getpid()) +
                                             ", http://127.0.0.1:8080/)");
  }
  EXPECT_EQ(redis(first->urls().redis, "ping"), "PONG");
}

TEST_F(ManagedTest, StartsAServiceAgainThatDied) {
  ManagedOptions durable = options();
  durable.durable = true;  // What was committed must survive kill -9.
  const auto services = ManagedServices::start(env(), durable);
  const ServiceUrls urls = services->urls();
  sql(urls.database, "create table kept (n int)");
  const auto before = processes_in(folder());

  for (const pid_t pid : before) kill(pid, SIGKILL);

  EXPECT_TRUE(eventually([&] {
    try {
      return sql(urls.database, "select to_regclass('kept')::text") == "kept" &&
             redis(urls.redis, "ping") == "PONG" && redis(urls.cache, "ping") == "PONG";
    } catch (const pqxx::failure&) {
      return false;
    }
  }));
  for (const pid_t pid : processes_in(folder())) {
    EXPECT_EQ(std::count(before.begin(), before.end(), pid), 0);
  }
}

// A process of its own that starts the services, tells that it did, and waits to be killed.
class Owner {
 public:
  Owner(const Env& env, const ManagedOptions& options) {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      const auto services = ManagedServices::start(env, options);
      [[maybe_unused]] const ssize_t n = write(fds[1], "+", 1);
      pause();
      _exit(0);
    }
    close(fds[1]);
    char told = 0;
    started_ = read(fds[0], &told, 1) == 1;
    close(fds[0]);
  }
  ~Owner() { kill9(); }

  bool started() const { return started_; }
  void kill9() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(std::exchange(pid_, 0), nullptr, 0);
  }

 private:
  pid_t pid_ = 0;
  bool started_ = false;
};

TEST_F(ManagedTest, LeavesNoProcessBehindAndCanStartAtOnceWhenItIsKilled) {
  Owner owner(env(), options());
  ASSERT_TRUE(owner.started());
  const auto processes = processes_in(folder());
  EXPECT_GE(processes.size(), 3U);

  const auto killed = std::chrono::steady_clock::now();
  owner.kill9();
  const auto services = attach_or_start(env(), options());

  EXPECT_TRUE(services.owned);
  EXPECT_EQ(redis(services.urls.redis, "ping"), "PONG");
  const auto now = processes_in(folder());
  for (const pid_t pid : processes) EXPECT_EQ(std::count(now.begin(), now.end(), pid), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - killed, 30s);
}

TEST_F(ManagedTest, EndsWithinASecondOfItsParentsDeath) {
  Owner owner(env(), options());
  ASSERT_TRUE(owner.started());

  owner.kill9();

  EXPECT_TRUE(left_by_all(folder() + "/state", 1000ms));
  EXPECT_TRUE(left_by_all(folder() + "/cache", 1000ms));
  EXPECT_TRUE(left_by_all(folder() + "/postgres", 1000ms));
}

TEST_F(ManagedTest, LetsAnotherCommandUseARunningServersServices) {
  Owner owner(env(), options());
  ASSERT_TRUE(owner.started());

  const Services services = attach_or_start(env(), options());

  EXPECT_FALSE(services.owned);
  EXPECT_EQ(redis(services.urls.redis, "ping"), "PONG");
  EXPECT_EQ(postgres::schema_state(services.urls.database), postgres::Schema::current);
}

TEST_F(ManagedTest, LetsACommandWaitForAnotherCommandOnlySoLong) {
  ManagedOptions seed = options();
  seed.command = "seendr seed";
  const Services first = attach_or_start(env(), seed);
  ManagedOptions second = options();
  second.command = "seendr admin";
  second.attach_limit = 100ms;
  try {
    attach_or_start(env(), second);
    FAIL() << "attached to services that end with another command";
  } catch (const DataFolderError& error) {
    EXPECT_NE(std::string(error.what()).find("in use by seendr seed"), std::string::npos);
  }
}

TEST_F(ManagedTest, MakesTheClusterAgainWhenInitdbWasKilled) {
  fs::create_directories(folder() + "/postgres.partial/base");
  std::ofstream(folder() + "/lock").put('\n');
  std::ofstream(folder() + "/postgres.partial/PG_VERSION") << "15\n";

  const auto services = ManagedServices::start(env(), options());

  EXPECT_EQ(postgres::schema_state(services->urls().database), postgres::Schema::current);
  EXPECT_FALSE(fs::exists(folder() + "/postgres.partial"));
}

TEST_F(ManagedTest, RefusesAFolderThatHoldsOtherThings) {
  fs::create_directories(folder());
  std::ofstream(folder() + "/thesis.tex").put('x');
  try {
    ManagedServices::start(env(), options());
    FAIL() << "started";
  } catch (const DataFolderError& error) {
    EXPECT_NE(std::string(error.what()).find("holds other things"), std::string::npos);
  }
}

TEST_F(ManagedTest, SaysWhichFolderOnTheWayIsClosedToTheServices) {
  if (geteuid() != 0) return;
  fs::create_directories(temp_.path() + "/closed");
  fs::permissions(temp_.path() + "/closed", fs::perms::owner_all);
  ManagedOptions behind = options();
  behind.folder = temp_.path() + "/closed/data";
  try {
    ManagedServices::start(env(), behind);
    FAIL() << "started";
  } catch (const DataFolderError& error) {
    EXPECT_NE(std::string(error.what()).find(temp_.path() + "/closed is closed to the user"),
              std::string::npos);
  }
}

TEST_F(ManagedTest, SaysThatTheSocketsPathWouldBeTooLong) {
  ManagedOptions deep = options();
  deep.folder = temp_.path() + "/" + std::string(100, 'd');
  try {
    ManagedServices::start(env(), deep);
    FAIL() << "started";
  } catch (const std::exception& error) {
    EXPECT_NE(std::string(error.what()).find("path"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("107"), std::string::npos);
  }
}

TEST(DefaultDataFolder, FollowsTheXdgStandardAndIsOpenToServicesForRoot) {
  const Settings::Pairs both{{"HOME", "/home/ada"}, {"XDG_STATE_HOME", "/state"}};
  const Settings::Pairs relative{{"HOME", "/home/ada"}, {"XDG_STATE_HOME", "state"}};

  EXPECT_EQ(default_data_folder(both, false), "/state/seendr");
  EXPECT_EQ(default_data_folder(both, true), "/state/seendr");
  EXPECT_EQ(default_data_folder(relative, false), "/home/ada/.local/state/seendr");
  EXPECT_EQ(default_data_folder(relative, true), "/var/lib/seendr");
  EXPECT_THROW(default_data_folder({}, false), DataFolderError);
}

}  // namespace
}  // namespace seendr::app
