// One's own sessions: which there are, ending one, signing out everywhere; and what other programs
// send to a person's pages.
#include "channels/message_format.hpp"
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

class RestSessionsTest : public TwoServers {
 protected:
  http::ClientResponse post(const std::string& path, const json::value& body) {
    return stage.call(here(), "POST", path, {{"Content-Type", "application/json"}},
                      json::serialize(body));
  }

  // The same person, signed in twice.
  std::pair<Player, Player> twice() {
    static int count = 0;
    const std::string email = "s" + std::to_string(++count) + "@example.org";
    const http::ClientResponse first =
        post("/api/v1/auth/register",
             {{"email", email}, {"password", "correct horse"}, {"display_name", "Ada"}});
    const http::ClientResponse second =
        post("/api/v1/auth/login", {{"email", email}, {"password", "correct horse"}});
    Player one;
    Player two;
    one.session = Stage::cookie_value(first.headers);
    two.session = Stage::cookie_value(second.headers);
    return {one, two};
  }

  json::array sessions(const Player& player) {
    const http::ClientResponse got =
        stage.call(there(), "GET", "/api/v1/me/sessions", player.headers());
    EXPECT_EQ(got.status, 200) << got.body;
    return json::parse(got.body).at("items").as_array();
  }

  int me(const Player& player) {
    return stage.call(there(), "GET", "/api/v1/me", player.headers()).status;
  }
};

TEST_F(RestSessionsTest, ListsOnesSessionsAndMarksTheOneThatAsks) {
  const auto [one, two] = twice();
  const json::array listed = sessions(two);
  ASSERT_EQ(listed.size(), 2u);
  int current = 0;
  for (const json::value& item : listed) {
    current += item.at("current").as_bool() ? 1 : 0;
    EXPECT_EQ(text_at(item.as_object(), "created_at").size(), 20u);
    EXPECT_LT(text_at(item.as_object(), "created_at"), text_at(item.as_object(), "expires_at"));
    EXPECT_EQ(json::serialize(item).find(one.session), std::string::npos);
  }
  EXPECT_EQ(current, 1);
}

TEST_F(RestSessionsTest, EndsOneSessionAndClosesItsSocketsEverywhere) {
  const auto [one, two] = twice();
  Tab tab = stage.v1(there(), one);
  std::string other;
  for (const json::value& item : sessions(two)) {
    if (!item.at("current").as_bool()) other = text_at(item.as_object(), "id");
  }
  const std::string path = "/api/v1/me/sessions/" + other;
  const Player stranger = stage.guest(here());
  EXPECT_EQ(stage.call(here(), "DELETE", path, stranger.headers()).status, 404);
  EXPECT_EQ(stage.call(here(), "DELETE", path, two.headers()).status, 204);
  EXPECT_EQ(tab.closed(), 4507);
  EXPECT_EQ(me(one), 401);
  EXPECT_EQ(me(two), 200);
}

TEST_F(RestSessionsTest, NamesASessionByTheBrowserThatSignedIn) {
  const http::ClientResponse made = stage.call(
      here(), "POST", "/api/v1/auth/guest",
      {{"Content-Type", "application/json"},
       {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}},
      "{}");
  Player ada;
  ada.session = Stage::cookie_value(made.headers);
  EXPECT_EQ(text_at(sessions(ada).at(0).as_object(), "label"), "Firefox on Linux");
  EXPECT_EQ(text_at(sessions(stage.guest(here())).at(0).as_object(), "label"), "") << "unknown";
}

TEST_F(RestSessionsTest, SignsOutEverywhere) {
  const auto [one, two] = twice();
  Tab tab = stage.v1(there(), one);
  EXPECT_EQ(stage.call(here(), "DELETE", "/api/v1/me/sessions", two.headers()).status, 204);
  EXPECT_EQ(tab.closed(), 4507);
  EXPECT_EQ(me(one), 401);
  EXPECT_EQ(me(two), 401);
  EXPECT_EQ(stage.call(here(), "GET", "/api/v1/me/sessions").status, 401);
}

TEST_F(RestSessionsTest, PassesOnWhatAnotherProgramSendsToThePersonsGroup) {
  const Player ada = stage.guest(here());
  Tab page = stage.v1(there(), ada);
  Tab old = stage.article(there(), ada);
  page.settle();
  old.settle();
  // As channels_redis' group_send does it.
  const redis::Url& url = backend().redis().url();
  const redis::Reply members =
      stage.redis(url, redis::Command("ZRANGE", "asgi:group:user_" + ada.id, 0, -1));
  ASSERT_EQ(members.as_array().size(), 1u);
  const std::string channel = members.as_array()[0].text();
  const channels::Message message{{"type", "notify"}, {"text", "hello"}, {"n", 7}};
  const channels::Envelope envelope{message, {channel}};
  const std::string bytes = channels::encode(envelope, false, stage.env().random);
  const std::string inbox = "asgi" + channel.substr(0, channel.find('!') + 1);
  stage.redis(url, redis::Command("ZADD", inbox, std::to_string(std::time(nullptr)), bytes));

  const json::object heard = page.hear("notification");

  EXPECT_EQ(json::serialize(heard.at("data")), R"({"n":7,"text":"hello","type":"notify"})");
  EXPECT_TRUE(old.overhear(Millis(200)).empty()) << "the article's dialogue has no such frame";
}

TEST_F(RestSessionsTest, PassesOnWhatAPythonProgramSendsThroughItsChannelLayer) {
  const Player ada = stage.guest(here());
  Tab page = stage.v1(there(), ada);
  page.settle();
  const auto output = std::make_shared<Output>();
  ChildOptions options;
  options.program = "/usr/bin/python3";
  options.arguments = {"-c", R"(
import asyncio, sys
from channels_redis.core import RedisChannelLayer

async def main():
    layer = RedisChannelLayer(hosts=[sys.argv[1]])
    await layer.group_send(sys.argv[2], {"type": "notify", "text": "Grüße", "n": 7})

asyncio.run(main())
)",
                       backend().redis().url_text(), "user_" + ada.id};
  options.on_line = [output](std::string_view line) {
    output->add(line);
  };
  const ChildProcess python = ChildProcess::start(std::move(options));
  EXPECT_TRUE(python.wait(Millis(20'000)));
  EXPECT_EQ(python.exit_status(), 0) << output->text();

  const json::object heard = page.hear("notification");

  EXPECT_EQ(heard.at("data"), json::value({{"type", "notify"}, {"text", "Grüße"}, {"n", 7}}));
}

}  // namespace
}  // namespace seendr::test
