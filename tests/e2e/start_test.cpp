// How `seendr serve` refuses to start, and what one address may take of it.
#include <gtest/gtest.h>

#include "app/settings/settings.hpp"
#include "support/app_stage.hpp"
#include "support/serve.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class StartTest : public testing::Test {
 protected:
  // Runs it until it ends; its exit status, -1 when it does not end.
  int run(const std::vector<std::string>& environment, std::vector<std::string> arguments) {
    ChildOptions options;
    options.program = SEENDR_BINARY;
    options.arguments = std::move(arguments);
    options.environment = environment;
    options.environment.push_back("PATH=/usr/bin:/bin");
    options.environment.push_back("SEENDR_SERVER_MANAGED=false");  // Nothing may be started here.
    options.on_line = [output = output_](std::string_view line) {
      output->add(line);
    };
    const ChildProcess child = ChildProcess::start(std::move(options));
    return child.wait(20s) ? child.exit_status().value_or(-1) : -1;
  }

  void expect_refused(const std::string& variable, const std::string& named) {
    output_ = std::make_shared<Output>();
    EXPECT_EQ(run({variable}, {"serve", "--port", "0"}), 2) << variable << output_->text();
    EXPECT_NE(output_->text().find(named), std::string::npos) << output_->text();
  }

  static std::string port_of(const std::string& url) {
    return std::to_string(lab::parse_server(url).port);
  }

  std::shared_ptr<Output> output_ = std::make_shared<Output>();
};

TEST_F(StartTest, NamesTheKeyOfAWrongValue) {
  expect_refused("SEENDR_SERVER_INSTANCES=many", "server.instances");
  expect_refused("SEENDR_LIMITS_MATCHING=often", "limits.matching");
  expect_refused("SEENDR_TURN_POLICY=never", "turn.policy");
  expect_refused("SEENDR_TURN_POLICY=relay", "turn.policy");  // No call could come about.
  expect_refused("SEENDR_MATCH_RELAX_CURVE=0:", "match.relax_curve");
  expect_refused("SEENDR_MATCH_SHARDS=*=all,en=en.0", "match.shards");
  expect_refused("SEENDR_HTTP_TLS_CERT=/nowhere", "http.tls_key");
  expect_refused("SEENDR_NO_SUCH_THING=1", "SEENDR_NO_SUCH_THING");
  EXPECT_EQ(run({}, {"serve", "--port", "99999"}), 2);
  EXPECT_EQ(run({}, {"serve", "--no-such-flag"}), 2);
}

TEST_F(StartTest, WantsAWindowForALimitOfWhatHappens) {
  for (const std::string name :
       {"matching", "sign_in_account", "sign_in_address", "register_address", "guest_address",
        "reports", "chat", "frames_connection"}) {
    const std::string variable = app::environment_name("limits." + name) + "=60";
    expect_refused(variable, "limits." + name);
    EXPECT_EQ(run({variable}, {"config", "check"}), 2) << variable;
  }
  EXPECT_EQ(run({}, {"config", "check"}), 0) << output_->text();
}

TEST_F(StartTest, WantsBothServicesOrNone) {
  expect_refused("REDIS_URL=redis://127.0.0.1:1", "DATABASE_URL");
  expect_refused("DATABASE_URL=postgresql://127.0.0.1:1/x", "REDIS_URL");
}

TEST_F(StartTest, RefusesAPortInUse) {
  Backend backend;
  const ServeProcess first(backend);
  const ChildProcess second = backend.start({"serve", "--port", port_of(first.url())}, output_);
  ASSERT_TRUE(second.wait(20s));
  EXPECT_EQ(second.exit_status(), 1);
  EXPECT_NE(output_->text().find("cannot listen on 127.0.0.1"), std::string::npos);
}

TEST_F(StartTest, AsksForAMigrationWhenTheSchemaIsBehind) {
  RedisServer redis(RedisServer::Options{true, {}});
  const TestDatabase empty(TestDatabase::Schema::empty);
  const std::vector<std::string> services{"REDIS_URL=" + redis.url_text(),
                                          "DATABASE_URL=" + empty.url()};
  EXPECT_EQ(run(services, {"serve", "--port", "0"}), 1) << output_->text();
  EXPECT_NE(output_->text().find("run seendr migrate"), std::string::npos) << output_->text();
  EXPECT_EQ(run(services, {"migrate"}), 0) << output_->text();
}

TEST_F(StartTest, RefusesAStateRedisThatForgets) {
  RedisServer redis(RedisServer::Options{false, {"--maxmemory-policy", "allkeys-lru"}});
  const TestDatabase database;
  const std::vector<std::string> services{"REDIS_URL=" + redis.url_text(),
                                          "DATABASE_URL=" + database.url()};
  EXPECT_EQ(run(services, {"serve", "--port", "0"}), 1) << output_->text();
  EXPECT_NE(output_->text().find("allkeys-lru"), std::string::npos) << output_->text();
}

TEST_F(StartTest, StaysWellWhileOneAddressOpensAThousandConnections) {
  Backend backend;
  const ServeProcess server(backend);
  Stage stage;
  const Player ada = stage.guest(server.url());
  Tab before = stage.v1(server.url(), ada);
  std::vector<std::shared_ptr<http::Client>> held;
  int refused = 0;
  for (int i = 0; i < 1000; ++i) {
    try {
      std::shared_ptr<http::Client> client = stage.connect(server.url());
      const http::ClientResponse seen = stage.await(client->get("/healthz"));
      if (seen.status == 429) ++refused;
      if (seen.status == 200) held.push_back(std::move(client));
    } catch (const system_error&) {
      ++refused;  // Hung up on.
    }
  }
  // Sockets: 200. Twice as many connections are let in, so that a refusal can be told in HTTP.
  EXPECT_LE(held.size(), 400u);
  EXPECT_GE(held.size(), 190u);
  EXPECT_EQ(held.size() + static_cast<std::size_t>(refused), 1000u);
  before.settle();
  EXPECT_EQ(stage.upgrade_status(server.url(), ada.headers()), 429);
  held.clear();
  const bool again =
      stage.until([&] { return stage.call(server.url(), "GET", "/healthz").status == 200; });
  EXPECT_TRUE(again);
}

}  // namespace
}  // namespace seendr::test
