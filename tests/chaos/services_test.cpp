// Redis and PostgreSQL away at the start, and lost while the server runs.
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/app_stage.hpp"
#include "support/serve.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

constexpr Millis kRecovery{15'000};  // A few seconds, and as many again on a busy machine.

// A port that nobody listens on at this moment.
std::string free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = static_cast<sockaddr*>(static_cast<void*>(&address));
  const bool bound = bind(fd, generic, size) == 0 && getsockname(fd, generic, &size) == 0;
  close(fd);
  if (!bound) throw std::runtime_error("no free port");
  return std::to_string(ntohs(address.sin_port));
}

class ServicesTest : public testing::Test {
 protected:
  // Whether /readyz comes to have that status, with a reason that begins so.
  bool becomes_ready(const std::string& url, int status, const std::string& reason = {}) {
    return stage_.until(
        [&] {
          try {
            const http::ClientResponse seen = stage_.call(url, "GET", "/readyz");
            last_ = seen.body;
            return seen.status == status && seen.body.find("\"" + reason) != std::string::npos;
          } catch (const system_error& error) {
            last_ = what(error);
            return false;
          }
        },
        kRecovery);
  }

  // The room of the match.
  std::string expect_a_match(Tab& a, Tab& b) {
    const std::string search = R"({"action":"find_match","policy":"any","wait":true})";
    a.say(search);
    b.say(search);
    const std::string room = text_at(a.hear("match_found", kRecovery), "room_id");
    EXPECT_EQ(text_at(b.hear("match_found", kRecovery), "room_id"), room);
    return room;
  }

  // A process that cannot say that it is ready yet, and its address.
  ChildProcess start_unready() {
    const std::string port = free_port();
    url_ = "http://127.0.0.1:" + port + "/";
    ChildOptions options;
    options.program = SEENDR_BINARY;
    options.arguments = {"serve", "--port", port, "--instances", "1"};
    options.environment = {"REDIS_URL=" + backend_.redis().url_text(),
                           "DATABASE_URL=" + database_url_, "PATH=/usr/bin:/bin"};
    options.on_line = [output = output_](std::string_view line) {
      output->add(line);
    };
    return ChildProcess::start(std::move(options));
  }

  void expect_start_without(const std::string& reason, const std::function<void()>& bring_back) {
    const ChildProcess server = start_unready();
    EXPECT_TRUE(becomes_ready(url_, 503, reason)) << last_ << output_->text();
    EXPECT_EQ(stage_.call(url_, "GET", "/healthz").status, 200);
    EXPECT_EQ(stage_.call(url_, "POST", "/api/v1/auth/guest").status, 503);
    EXPECT_EQ(stage_.upgrade_status(url_, {}), 503);
    bring_back();
    EXPECT_TRUE(becomes_ready(url_, 200)) << last_ << output_->text();
    EXPECT_TRUE(output_->wait_for("Seendr is ready at ", 10s).has_value());
    EXPECT_EQ(stage_.call(url_, "POST", "/api/v1/auth/guest").status, 201);
    EXPECT_TRUE(server.running());
  }

  Backend backend_;
  // Asked for while PostgreSQL is there: the question alone would start it again.
  const std::string database_url_ = backend_.database().url();
  Stage stage_;
  std::shared_ptr<Output> output_ = std::make_shared<Output>();
  std::string url_;
  std::string last_;
};

TEST_F(ServicesTest, WaitsForARedisThatIsNotThereAtTheStart) {
  backend_.redis().kill9();
  expect_start_without("redis: Connection refused\"", [this] { backend_.redis().start(); });
}

TEST_F(ServicesTest, WaitsForAPostgresThatIsNotThereAtTheStart) {
  shared_postgres()->kill();
  expect_start_without("postgres: ", [] { shared_postgres(); });
}

TEST_F(ServicesTest, KeepsItsSocketsWhenRedisIsLostAndMatchesAgainWhenItIsBack) {
  const ServeProcess first(backend_);
  const ServeProcess second(backend_);
  const std::string language = Stage::new_language();
  Tab a = stage_.v1(first.url(), stage_.guest(first.url(), language));
  Tab b = stage_.v1(second.url(), stage_.guest(second.url(), language));
  Tab c = stage_.v1(first.url(), stage_.guest(first.url()));
  c.say(R"({"action":"find_match","policy":"any","wait":true})");

  backend_.redis().kill9();
  EXPECT_TRUE(becomes_ready(first.url(), 503, "redis: ")) << last_;
  EXPECT_TRUE(becomes_ready(second.url(), 503, "redis: ")) << last_;
  EXPECT_EQ(stage_.call(first.url(), "GET", "/healthz").status, 200);
  a.settle();
  b.settle();

  backend_.redis().start();
  EXPECT_TRUE(becomes_ready(first.url(), 200)) << last_;
  EXPECT_TRUE(becomes_ready(second.url(), 200)) << last_;
  expect_a_match(a, b);
  EXPECT_TRUE(c.open()) << "a search that stood is not closed";
}

TEST_F(ServicesTest, KeepsCallsGoingWhilePostgresIsLostAndTakesNewPeopleWhenItIsBack) {
  const ServeProcess server(backend_);
  const std::string language = Stage::new_language();
  Tab a = stage_.v1(server.url(), stage_.guest(server.url(), language));
  Tab b = stage_.v1(server.url(), stage_.guest(server.url(), language));
  shared_postgres()->kill();
  EXPECT_TRUE(becomes_ready(server.url(), 503, "postgres: ")) << last_;
  const std::string room = expect_a_match(a, b);
  a.say(json::object{{"action", "report"}, {"room_id", room}, {"reason", "spam"}});
  const json::object error = a.hear("error");
  EXPECT_EQ(text_at(error, "code"), "overloaded") << "as 503 over HTTP";
  EXPECT_TRUE(error.at("temporary").as_bool());
  EXPECT_EQ(stage_.call(server.url(), "POST", "/api/v1/auth/guest").status, 503);
  shared_postgres();
  EXPECT_TRUE(becomes_ready(server.url(), 200)) << last_;
  EXPECT_EQ(stage_.call(server.url(), "POST", "/api/v1/auth/guest").status, 201);
}

}  // namespace
}  // namespace seendr::test
