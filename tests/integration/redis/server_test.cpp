#include "redis/server.hpp"

#include <fstream>

#include "support/redis_test.hpp"

#include <sys/stat.h>

namespace seendr::redis {
namespace {

namespace fs = std::filesystem;

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    std::string pattern = (fs::temp_directory_path() / "seendr-server-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~ServerTest() override {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }

  ServerOptions options(const std::string& name, bool durable) const {
    ServerOptions result;
    result.directory = directory_;
    result.name = name;
    result.durable = durable;
    return result;
  }

  // The reply to one command, over a connection of its own.
  Reply ask(const Server& server, const Command& command) {
    ClientOptions given;
    given.url = server.url();
    net::io_context io;
    Client client(env_.real(), io.get_executor(), given);
    TaskGroup tasks(io.get_executor(), [](const std::string&, std::exception_ptr) {});
    Reply reply;
    test::run(io, [&]() -> awaitable<void> {
      tasks.spawn("client", client.run());
      reply = co_await client.exec(command);
      tasks.cancel();
      co_await tasks.join();
    });
    return reply;
  }

  std::string setting(const Server& server, const std::string& name) {
    return ask(server, Command("CONFIG", "GET", name)).as_array().at(1).text();
  }

  test::TestEnv env_;
  fs::path directory_;
};

TEST_F(ServerTest, FindsItsDataAgainAfterAStop) {
  {
    Server server = Server::start(options("state", true));
    ask(server, Command("SET", "name", "ada"));
    server.stop();
    EXPECT_FALSE(server.running());
  }
  Server again = Server::start(options("state", true));

  EXPECT_EQ(ask(again, Command("GET", "name")).text(), "ada");
}

TEST_F(ServerTest, KeepsTheStateSafe) {
  Server server = Server::start(options("state", true));

  EXPECT_EQ(setting(server, "appendonly"), "yes");
  EXPECT_EQ(setting(server, "appendfsync"), "everysec");
  EXPECT_EQ(setting(server, "maxmemory-policy"), "noeviction");
  EXPECT_EQ(setting(server, "port"), "0");
}

TEST_F(ServerTest, BoundsTheCache) {
  Server server = Server::start(options("cache", false));

  EXPECT_EQ(setting(server, "appendonly"), "no");
  EXPECT_EQ(setting(server, "save"), "");
  EXPECT_EQ(setting(server, "maxmemory-policy"), "allkeys-lru");
  EXPECT_EQ(setting(server, "maxmemory"), "268435456");
}

TEST_F(ServerTest, LetsNobodyElseIn) {
  Server server = Server::start(options("state", true));

  struct stat socket {};
  struct stat run {};
  struct stat data {};
  ASSERT_EQ(stat(server.socket().c_str(), &socket), 0);
  ASSERT_EQ(stat((directory_ / "run").c_str(), &run), 0);
  ASSERT_EQ(stat((directory_ / "state").c_str(), &data), 0);

  EXPECT_EQ(server.socket(), directory_ / "run" / "state.sock");
  EXPECT_EQ(socket.st_mode & 0777U, 0700U);
  EXPECT_EQ(run.st_mode & 0777U, 0700U);
  EXPECT_EQ(data.st_mode & 0777U, 0700U);
}

TEST_F(ServerTest, RunsTwoSideBySide) {
  Server state = Server::start(options("state", true));
  Server cache = Server::start(options("cache", false));

  ask(state, Command("SET", "name", "ada"));

  EXPECT_TRUE(ask(cache, Command("GET", "name")).is_nil());
}

TEST_F(ServerTest, SaysWhyItDidNotStart) {
  ServerOptions broken = options("state", true);
  broken.arguments = {"--no-such-setting", "1"};

  try {
    Server::start(broken);
    FAIL();
  } catch (const system_error& error) {
    EXPECT_NE(std::string(error.what()).find("no-such-setting"), std::string::npos) << error.what();
  }
}

TEST_F(ServerTest, RefusesAPathThatIsTooLongForASocket) {
  ServerOptions deep = options("state", true);
  deep.directory = directory_ / std::string(100, 'x');

  try {
    Server::start(deep);
    FAIL();
  } catch (const system_error& error) {
    EXPECT_NE(std::string(error.what()).find("too long"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace seendr::redis
