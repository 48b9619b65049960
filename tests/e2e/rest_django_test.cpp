// People who are signed in through a Django site: their cookie is good here, as long as it is
// there.
#include "auth/django_login.hpp"
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

constexpr const char* kSecret = "interop-secret";
constexpr const char* kPassword = "md5$salt$67a1e09bb1f83f5007dc119c14d663aa";

class RestDjangoTest : public TwoServers {
 protected:
  static void SetUpTestSuite() {
    start_servers({std::string("SEENDR_DJANGO_SECRET_KEY=new-secret"),
                   std::string("SEENDR_DJANGO_SECRET_KEY_FALLBACKS=") + kSecret,
                   "SEENDR_DJANGO_KEY_PREFIX=site", "SEENDR_AUTH_SESSION_CHECK_S=1",
                   "SEENDR_DJANGO_USER_QUERY=select id, password, is_active, name, languages, "
                   "region, slugs from site_users where id = $1"});
    backend().database().execute(
        "create table site_users (id int primary key, password text, is_active boolean, "
        "name text, languages text[], region text, slugs text)");
  }

  // Somebody of the site, and the cookie of their session there.
  static Player member(int id, const std::string& password_of_session = kPassword) {
    backend().database().execute("insert into site_users values (" + std::to_string(id) + ", '" +
                                 kPassword +
                                 "', true, 'Zoé', '{fr,en}', 'EU', 'music, chess, nonsuch')");
    Player player;
    player.id = std::to_string(id);
    player.session = std::string(29, 'k') + std::to_string(100 + id);
    player.language = password_of_session;
    return player;
  }

  void sign_in(const Player& player) {
    const json::object session{
        {"_auth_user_id", player.id},
        {"_auth_user_backend", "django.contrib.auth.backends.ModelBackend"},
        {"_auth_user_hash", auth::django_auth_hash(kSecret, player.language)}};
    stage.redis(backend().redis().url(),
                redis::Command("SET", key_of(player), json::serialize(session)));
  }

  void sign_out(const Player& player) {
    stage.redis(backend().redis().url(), redis::Command("DEL", key_of(player)));
  }

  static std::string key_of(const Player& player) {
    return "site:1:django.contrib.sessions.cache" + player.session;
  }

  http::ClientResponse me(const Player& player) {
    return stage.call(there(), "GET", "/api/v1/me", player.headers());
  }
};

TEST_F(RestDjangoTest, TakesAPersonOverWithTheirIdAndWhatTheSiteKnows) {
  const Player zoe = member(42);
  sign_in(zoe);

  const http::ClientResponse shown = me(zoe);

  ASSERT_EQ(shown.status, 200) << shown.body;
  const json::object user = json::parse(shown.body).at("user").as_object();
  EXPECT_EQ(text_at(user, "id"), "42");
  EXPECT_EQ(text_at(user, "display_name"), "Zoé");
  EXPECT_EQ(user.at("languages"), json::value({"fr", "en"}));
  EXPECT_EQ(text_at(user, "region"), "eu");
  EXPECT_EQ(user.at("interests"), json::value({"music", "chess"}));
  EXPECT_FALSE(user.at("guest").as_bool());
  EXPECT_TRUE(user.at("adult").as_bool());
}

TEST_F(RestDjangoTest, LetsThemSearchOnBothKindsOfSockets) {
  const Player zoe = member(43);
  sign_in(zoe);
  Tab old = stage.article(here(), zoe);
  old.say(R"({"action":"find_match"})");
  EXPECT_EQ(old.hear_text(), R"({"type":"no_match_found"})");
  const auto [tab, welcome] = stage.v1_welcomed(there(), zoe);
  EXPECT_EQ(text_at(welcome.at("user").as_object(), "id"), "43");
}

TEST_F(RestDjangoTest, LetsNobodyInWhoseSessionDoesNotHold) {
  const Player without = member(44);
  EXPECT_EQ(me(without).status, 401) << "no session";
  const Player old = member(45, "an older password");
  sign_in(old);
  EXPECT_EQ(me(old).status, 401) << "the password was changed";
  EXPECT_EQ(stage.upgrade_status(here(), old.headers()), 403);
  const Player left = member(46);
  sign_in(left);
  EXPECT_EQ(me(left).status, 200);
  backend().database().execute("update site_users set is_active = false where id = 46");
  EXPECT_EQ(me(left).status, 401) << "not active any more";
  const Player out = member(47);
  sign_in(out);
  EXPECT_EQ(me(out).status, 200);
  stage.redis(backend().redis().url(), redis::Command("DEL", key_of(out)));
  EXPECT_EQ(me(out).status, 401) << "signed out there";
}

TEST_F(RestDjangoTest, KeepsABanThatSomebodyWouldEscapeByEndingTheirAccount) {
  const Player zoe = member(61);
  sign_in(zoe);
  ASSERT_EQ(me(zoe).status, 200);
  backend().database().execute("insert into bans (user_id, reason) values (61, 'loud')");
  const auto search = [&] {
    http::Headers headers = zoe.headers();
    headers.add("Content-Type", "application/json");
    return stage.call(here(), "POST", "/api/matching/", headers, R"({"interests":[]})").status;
  };
  EXPECT_EQ(search(), 403);

  EXPECT_EQ(stage.call(here(), "DELETE", "/api/v1/me", zoe.headers()).status, 204);

  EXPECT_EQ(me(zoe).status, 200) << "the site still knows them";
  EXPECT_EQ(search(), 403);
}

TEST_F(RestDjangoTest, OpensASocketByATicketWhileTheSessionHolds) {
  const Player zoe = member(49);
  sign_in(zoe);
  const auto ticket = [&] {
    const http::ClientResponse made =
        stage.call(here(), "POST", "/api/v1/ws-ticket", zoe.headers());
    EXPECT_EQ(made.status, 201) << made.body;
    return text_at(json::parse(made.body).as_object(), "ticket");
  };
  Tab tab = stage.open(there(), {}, "seendr.v1", "/ws/matching/?ticket=" + ticket());
  tab.say(R"({"action":"hello"})");
  EXPECT_EQ(text_at(tab.hear("welcome").at("user").as_object(), "id"), "49");

  const std::string late = ticket();
  sign_out(zoe);
  Tab refused = stage.open(there(), {}, "seendr.v1", "/ws/matching/?ticket=" + late);
  refused.say(R"({"action":"hello"})");
  EXPECT_EQ(refused.closed(), 4501);
}

TEST_F(RestDjangoTest, ClosesTheSocketsOfSessionsThatEndAtTheSite) {
  const Player stays = member(50);
  const Player leaves = member(51);
  const Player renewed = member(52);
  const Player barred = member(53);
  for (const Player& player : {stays, leaves, renewed, barred}) sign_in(player);
  Tab stay = stage.v1(here(), stays);
  Tab leave = stage.v1(here(), leaves);
  Tab renew = stage.article(there(), renewed);
  Tab bar = stage.v1(there(), barred);

  sign_out(leaves);
  backend().database().execute("update site_users set password = 'a new one' where id = 52");
  backend().database().execute("update site_users set is_active = false where id = 53");

  EXPECT_EQ(leave.closed(), 4009) << "signed out there";
  EXPECT_EQ(renew.closed(), 4009) << "the password was changed";
  EXPECT_EQ(bar.closed(), 4009) << "not active any more";
  stay.settle();
  EXPECT_TRUE(stay.open());
}

TEST_F(RestDjangoTest, FollowsTheSiteWhereItChangedAndKeepsWhatChangedHere) {
  const Player zoe = member(48);
  sign_in(zoe);
  me(zoe);
  http::Headers headers = zoe.headers();
  headers.add("Content-Type", "application/json");
  stage.call(here(), "PATCH", "/api/v1/me", headers, R"({"region":"na"})");
  EXPECT_NE(me(zoe).body.find(R"("region":"na")"), std::string::npos) << me(zoe).body;
  backend().database().execute("update site_users set name = 'Zoé B.' where id = 48");
  EXPECT_NE(me(zoe).body.find("Zoé B."), std::string::npos) << me(zoe).body;
}

}  // namespace
}  // namespace seendr::test
