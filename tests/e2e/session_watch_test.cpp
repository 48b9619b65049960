// Open sockets do not outlive their sessions, however those end.
#include "auth/keys.hpp"
#include "auth/sessions.hpp"
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class SessionWatchTest : public TwoServers {
 protected:
  static void SetUpTestSuite() { start_servers({"SEENDR_AUTH_SESSION_CHECK_S=1"}); }

  redis::Reply on_key(const std::string& command, const Player& player, std::string value = {}) {
    redis::Command asked(command, auth::session_key(auth::session_hash(SessionId{player.session})));
    if (!value.empty()) asked.arg(std::move(value));
    return stage.redis(backend().redis().url(), std::move(asked));
  }
};

TEST_F(SessionWatchTest, ClosesTheSocketsOfASessionThatIsGoneFromRedis) {
  const Player ada = stage.guest(here());
  const Player bob = stage.guest(here());
  Tab near = stage.v1(here(), ada);
  Tab far = stage.article(there(), ada);
  Tab other = stage.v1(there(), bob);

  on_key("DEL", ada);

  EXPECT_EQ(near.closed(), 4009);
  EXPECT_EQ(far.closed(), 4009);
  other.settle();
  EXPECT_TRUE(other.open());
}

TEST_F(SessionWatchTest, LogsWhichConnectionItClosed) {
  const Player ada = stage.guest(here());
  http::Headers headers = ada.headers();
  headers.add("X-Request-Id", "page-of-ada");
  Tab tab = stage.open(here(), headers);
  on_key("DEL", ada);
  EXPECT_EQ(tab.closed(), 4009);
  const std::string line = R"("connection":"page-of-ada","user":")" + ada.id + "\"";
  EXPECT_TRUE(stage.until([&] { return first().output().find(line) != std::string::npos; }));
}

TEST_F(SessionWatchTest, ClosesThemAtTheAbsoluteEndOfTheSession) {
  const Player ada = stage.guest(here());
  Tab tab = stage.v1(there(), ada);
  const std::string stored = on_key("GET", ada).text();
  json::object session = json::parse(stored).as_object();
  session["created_ms"] = session.at("created_ms").as_int64() - 7'776'000'000;
  on_key("SET", ada, json::serialize(session));
  EXPECT_EQ(tab.closed(), 4009);
}

TEST_F(SessionWatchTest, AnOpenSocketIsUseOfItsSession) {
  const Player ada = stage.guest(here());
  Tab tab = stage.v1(there(), ada);
  on_key("EXPIRE", ada, "1000");
  EXPECT_TRUE(stage.until([&] { return on_key("TTL", ada).as_int() > 1000; }));
  EXPECT_TRUE(tab.open());
}

TEST_F(SessionWatchTest, ThrowsNobodyOutWhileRedisIsAway) {
  const Player ada = stage.guest(here());
  const Player gone = stage.guest(here());
  Tab tab = stage.v1(here(), ada);
  Tab other = stage.v1(here(), gone);
  tab.settle();

  on_key("DEL", gone);
  backend().redis().pause();
  const auto tried = [] {
    return first().output().find("sessions_not_checked") != std::string::npos;
  };
  const bool noticed = stage.until(tried, 20s);
  const bool open = tab.open();
  backend().redis().resume();

  EXPECT_TRUE(noticed);
  EXPECT_TRUE(open);
  EXPECT_EQ(other.closed(20s), 4009) << "it looks again";
  tab.settle();
}

}  // namespace
}  // namespace seendr::test
