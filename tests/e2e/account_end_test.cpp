// Everything we hold about a person, handed out; and what is left when they have gone.
#include "match/keys.hpp"
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

class AccountEndTest : public TwoServers {
 protected:
  http::ClientResponse send(const std::string& method, const std::string& path,
                            const json::value& body, http::Headers headers = {}) {
    headers.add("Content-Type", "application/json");
    return stage.call(here(), method, "/api/v1/" + path, std::move(headers), json::serialize(body));
  }

  int end_account(const Player& player, const json::value& body = json::object{}) {
    return send("DELETE", "me", body, player.headers()).status;
  }

  // Somebody registered, with an address of their own.
  struct Registered {
    Player player;
    std::string email;
  };
  Registered registered() {
    static int count = 0;
    Registered ada;
    ada.email = "gone" + std::to_string(++count) + "@example.org";
    const http::ClientResponse made =
        send("POST", "auth/register",
             {{"email", ada.email}, {"password", "correct horse"}, {"display_name", "Ada"}});
    ada.player.session = Stage::cookie_value(made.headers);
    ada.player.id = text_at(json::parse(made.body).at("user").as_object(), "id");
    return ada;
  }

  int me(const Player& player) {
    return stage.call(there(), "GET", "/api/v1/me", player.headers()).status;
  }

  std::int64_t redis(redis::Command command) {
    return stage.redis(backend().redis().url(), std::move(command)).as_int();
  }
};

TEST_F(AccountEndTest, HandsOutEverythingAsOneDocument) {
  const Registered ada = registered();
  send("PUT", "me/interests", {{"interests", {"chess", "music"}}}, ada.player.headers());

  const http::ClientResponse got =
      stage.call(there(), "GET", "/api/v1/me/export", ada.player.headers());

  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.headers.get("Cache-Control"), "no-store");
  EXPECT_EQ(got.headers.get("Content-Disposition"), "attachment; filename=\"seendr-export.json\"");
  const json::object data = json::parse(got.body).as_object();
  EXPECT_EQ(text_at(data.at("account").as_object(), "email"), ada.email);
  EXPECT_EQ(data.at("interests"), json::value({"chess", "music"}));
  EXPECT_EQ(data.at("sessions").as_array().size(), 1u);
  EXPECT_EQ(text_at(data, "exported_at").size(), 20u);
  for (const char* list : {"blocks", "reports_written", "reports_about_me", "bans", "mailed"}) {
    EXPECT_TRUE(data.at(list).is_array()) << list;
  }
  EXPECT_EQ(got.body.find("argon2"), std::string::npos);
  EXPECT_EQ(got.body.find(ada.player.session), std::string::npos);
}

TEST_F(AccountEndTest, IsForWhoIsSignedIn) {
  EXPECT_EQ(stage.call(here(), "GET", "/api/v1/me/export").status, 401);
  EXPECT_EQ(stage.call(here(), "DELETE", "/api/v1/me").status, 401);
}

TEST_F(AccountEndTest, AsksForThePasswordOfWhoHasOne) {
  const Registered ada = registered();
  EXPECT_EQ(end_account(ada.player), 400);
  EXPECT_EQ(end_account(ada.player, {{"password", "wrong horse"}}), 403);
  EXPECT_EQ(me(ada.player), 200) << "nothing happened yet";

  EXPECT_EQ(end_account(ada.player, {{"password", "correct horse"}}), 204);

  EXPECT_EQ(me(ada.player), 401);
  const json::object login{{"email", ada.email}, {"password", "correct horse"}};
  EXPECT_EQ(send("POST", "auth/login", login).status, 401);
  EXPECT_EQ(send("POST", "auth/register",
                 {{"email", ada.email}, {"password", "correct horse"}, {"display_name", "Ada"}})
                .status,
            201)
      << "the address is free again";
}

TEST_F(AccountEndTest, ClosesEverySocketAndEndsTheCall) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  meet(a, b);
  Tab other = stage.v1(there(), ada);

  EXPECT_EQ(end_account(ada), 204);

  EXPECT_EQ(a.closed(), 4507);
  EXPECT_EQ(other.closed(), 4507) << "on another process, too";
  EXPECT_EQ(text_at(b.hear("partner_left"), "reason"), "left");
  EXPECT_TRUE(b.open());
}

TEST_F(AccountEndTest, TakesThePersonOutOfThePool) {
  const Player ada = stage.guest(here());
  Tab tab = stage.v1(there(), ada);
  tab.say(R"({"action":"find_match","policy":"any","wait":true})");
  const std::string people = match::shard_key("all", "people");
  const auto waits = [&] {
    return redis(redis::Command("HEXISTS", people, ada.id)) == 1;
  };
  ASSERT_TRUE(stage.until(waits));
  EXPECT_EQ(end_account(ada), 204);
  EXPECT_EQ(tab.closed(), 4507);
  EXPECT_TRUE(stage.until([&] { return !waits(); }));
}

TEST_F(AccountEndTest, LeavesNothingOfThePersonBehind) {
  const Player ada = stage.guest(here(), {}, {"chess"});
  Tab tab = stage.v1(here(), ada);
  tab.settle();
  const std::string card = "seendr:app:card:" + ada.id;
  const std::string sessions = "seendr:auth:sessions:" + ada.id;
  ASSERT_TRUE(stage.until([&] { return redis(redis::Command("EXISTS", card, sessions)) == 2; }));

  EXPECT_EQ(end_account(ada), 204);

  EXPECT_EQ(redis(redis::Command("EXISTS", card, sessions)), 0);
  EXPECT_EQ(backend().database().execute("select count(*) from users where id = " + ada.id), "0");
  EXPECT_EQ(
      backend().database().execute("select count(*) from user_interests where user_id = " + ada.id),
      "0");
}

TEST_F(AccountEndTest, HidesAPublicProfileAtOnce) {
  const Registered ada = registered();
  send("PATCH", "me", {{"public_profile", true}}, ada.player.headers());
  const std::string path = "/api/profiles/" + ada.player.id + "/";
  const http::Headers visitor = stage.guest(here()).headers();
  ASSERT_EQ(stage.call(there(), "GET", path, visitor).status, 200);
  EXPECT_EQ(end_account(ada.player, {{"password", "correct horse"}}), 204);
  EXPECT_EQ(stage.call(there(), "GET", path, visitor).status, 404);
}

TEST_F(AccountEndTest, KeepsAReportWithoutSayingWhoItWasAbout) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  json::object report = in_room("report", meet(a, b).room);
  report["reason"] = "abuse";
  report["note"] = "Bob, who lives next door";
  a.say(report);
  a.hear("report_ack");

  EXPECT_EQ(end_account(bob), 204);

  const std::string printed =
      backend().run({"admin", "reports", "--json"}, std::chrono::seconds(30));
  const std::size_t begin = printed.find("[{");
  ASSERT_NE(begin, std::string::npos) << printed;
  const json::value first =
      json::parse(printed.substr(begin, printed.find('\n', begin) - begin)).at(0);
  EXPECT_EQ(first.at("reporter").as_string(), ada.id);
  EXPECT_TRUE(first.at("reported").is_null());
  EXPECT_EQ(first.at("reason").as_string(), "abuse");
  EXPECT_EQ(first.at("note").as_string(), "");
}

class AccountEndLimitTest : public AccountEndTest {
 protected:
  static void SetUpTestSuite() { start_servers({"SEENDR_LIMITS_SIGN_IN_ACCOUNT=2/60s"}); }
};

TEST_F(AccountEndLimitTest, CountsAGuessAtThePasswordAsAnAttemptToSignIn) {
  const Registered ada = registered();
  const json::object login{{"email", ada.email}, {"password", "wrong horse"}};
  EXPECT_EQ(send("POST", "auth/login", login).status, 401);
  EXPECT_EQ(end_account(ada.player, {{"password", "wrong pony"}}), 403);
  EXPECT_EQ(end_account(ada.player, {{"password", "correct horse"}}), 429);
  EXPECT_EQ(me(ada.player), 200);
}

}  // namespace
}  // namespace seendr::test
