// What the settings django.* say of the site beside: whose sessions are taken, and where they are.
#include "auth/django_login.hpp"
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

constexpr const char* kColumn = "md5$salt$67a1e09bb1f83f5007dc119c14d663aa";

class RestDjangoSettingsTest : public TwoServers {
 protected:
  static void SetUpTestSuite() {
    start_servers({"SEENDR_DJANGO_SECRET_KEY=new", "SEENDR_DJANGO_SECRET_KEY_FALLBACKS=old,older",
                   "SEENDR_DJANGO_KEY_PREFIX=site", "SEENDR_DJANGO_CACHE_VERSION=3",
                   "SEENDR_DJANGO_AUTH_BACKENDS=site.Backend,site.Tokens",
                   "SEENDR_DJANGO_ADULTS=false"});
    backend().database().execute(
        "create table auth_user (id int primary key, password text, is_active boolean, "
        "first_name text, username text)");
  }

  struct Login {
    std::string secret = "new";
    std::string backend = "site.Backend";
    std::string key_front = "site:3:django.contrib.sessions.cache";
  };

  // A new person of the site who is signed in there so; the headers of their browser.
  http::Headers sign_in(const Login& login) {
    static int count = 0;
    const std::string id = std::to_string(++count);
    const std::string key = std::string(30, 'k') + std::to_string(10 + count);
    backend().database().execute("insert into auth_user values (" + id + ", '" + kColumn +
                                 "', true, '', 'zoe" + id + "')");
    const json::object session{{"_auth_user_id", id},
                               {"_auth_user_backend", login.backend},
                               {"_auth_user_hash", auth::django_auth_hash(login.secret, kColumn)}};
    stage.redis(backend().redis().url(),
                redis::Command("SET", login.key_front + key, json::serialize(session), "EX", 600));
    return {{"Cookie", "sessionid=" + key}};
  }

  http::ClientResponse me(const Login& login) {
    return stage.call(here(), "GET", "/api/v1/me", sign_in(login));
  }
};

TEST_F(RestDjangoSettingsTest, EveryKeyOfARotationIsAcceptedAndNoOther) {
  for (const char* secret : {"new", "old", "older"}) {
    EXPECT_EQ(me(Login{.secret = secret}).status, 200) << secret;
  }
  for (const char* secret : {"another", "old,older", ""}) {
    EXPECT_EQ(me(Login{.secret = secret}).status, 401) << secret;
  }
}

TEST_F(RestDjangoSettingsTest, SessionsOfTheListedBackendsAreAcceptedAndNoOthers) {
  EXPECT_EQ(me(Login{.backend = "site.Tokens"}).status, 200);
  EXPECT_EQ(me(Login{.backend = "django.contrib.auth.backends.ModelBackend"}).status, 401);
}

TEST_F(RestDjangoSettingsTest, SessionsAreReadUnderThePrefixAndVersionOfTheSite) {
  for (const char* front : {"site:1:", ":3:", "seendr:3:"}) {
    const std::string key_front = std::string(front) + "django.contrib.sessions.cache";
    EXPECT_EQ(me(Login{.key_front = key_front}).status, 401) << front;
  }
}

TEST_F(RestDjangoSettingsTest, ASessionOfTheSiteIsReadAndNeverChanged) {
  const http::Headers zoe = sign_in(Login{});
  const std::string key = Login{}.key_front + std::string(zoe.get("Cookie")).substr(10);
  const redis::Url site = backend().redis().url();
  const std::string before = stage.redis(site, redis::Command("GET", key)).text();
  const std::int64_t end = stage.redis(site, redis::Command("PEXPIRETIME", key)).as_int();

  EXPECT_EQ(stage.call(here(), "GET", "/api/v1/me", zoe).status, 200);
  Tab tab = stage.open(there(), zoe);
  tab.say(R"({"action":"find_match"})");
  tab.hear_text();
  EXPECT_EQ(stage.call(here(), "POST", "/api/v1/auth/logout", zoe).status, 204);
  EXPECT_EQ(stage.call(here(), "DELETE", "/api/v1/me/sessions", zoe).status, 204);

  EXPECT_EQ(stage.redis(site, redis::Command("GET", key)).text(), before);
  EXPECT_EQ(stage.redis(site, redis::Command("PEXPIRETIME", key)).as_int(), end);
}

TEST_F(RestDjangoSettingsTest, NobodyIsTakenForAnAdultOnASiteThatIsForAll) {
  const http::ClientResponse shown = me(Login{});
  ASSERT_EQ(shown.status, 200) << shown.body;
  const json::object user = json::parse(shown.body).at("user").as_object();
  EXPECT_FALSE(user.at("adult").as_bool());
  EXPECT_EQ(text_at(user, "display_name").substr(0, 3), "zoe") << "the table of a stock Django";
}

}  // namespace
}  // namespace seendr::test
