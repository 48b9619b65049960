// The Django site beside is away while everything of ours is there: its people are asked to come
// back, nobody else notices, and it is found again without a restart.
#include <gtest/gtest.h>

#include "auth/django_login.hpp"
#include "support/app_stage.hpp"
#include "support/serve.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class DjangoOutageTest : public testing::Test {
 protected:
  DjangoOutageTest() {
    site_.execute(
        "create table auth_user (id int primary key, password text, is_active boolean, "
        "first_name text, username text)");
    site_.execute("insert into auth_user values (42, 'md5$salt$hash', true, 'Zoé', 'zoe')");
    for (const std::string& setting :
         {std::string("DJANGO_SECRET_KEY=secret"), "DJANGO_CACHE_URL=" + site_redis_.url_text(),
          "DJANGO_DATABASE_URL=" + site_.url(), std::string("AUTH_SESSION_CHECK_S=1"),
          std::string("REDIS_COMMAND_TIMEOUT_MS=500"), std::string("LIMITS_GUEST_ADDRESS=off")}) {
      backend_.set("SEENDR_" + setting);
    }
    zoe_.id = "42";
    zoe_.session = std::string(32, 'z');
    const json::object session{
        {"_auth_user_id", zoe_.id},
        {"_auth_user_backend", "django.contrib.auth.backends.ModelBackend"},
        {"_auth_user_hash", auth::django_auth_hash("secret", "md5$salt$hash")}};
    stage_.redis(site_redis_.url(), redis::Command("SET", key_, json::serialize(session)));
  }

  // The site's database takes nobody in, and those who are in have to go.
  void close_database() {
    admin("alter database " + site_.name() + " allow_connections false");
    admin("select pg_terminate_backend(pid) from pg_stat_activity where datname = '" +
          site_.name() + "'");
  }
  void open_database() { admin("alter database " + site_.name() + " allow_connections true"); }

  static void admin(const std::string& sql) { shared_postgres().execute("postgres", sql); }

  http::ClientResponse me(const ServeProcess& server, const Player& player) {
    return stage_.call(server.url(), "GET", "/api/v1/me", player.headers());
  }

  // The site's people are not taken for signed out; all others are served as ever.
  void expect_only_the_site_is_away(const ServeProcess& server, const Player& ada) {
    const http::ClientResponse zoe = me(server, zoe_);
    EXPECT_EQ(zoe.status, 503) << zoe.body;
    EXPECT_EQ(zoe.headers.get("Retry-After"), "1");
    EXPECT_EQ(stage_.call(server.url(), "POST", "/api/v1/ws-ticket", zoe_.headers()).status, 503);
    EXPECT_EQ(stage_.upgrade_status(server.url(), zoe_.headers()), 503);
    EXPECT_EQ(stage_.upgrade_status(server.url(), zoe_.headers(), "seendr.v1"), 503);

    EXPECT_EQ(stage_.call(server.url(), "GET", "/readyz").status, 200);
    EXPECT_EQ(me(server, ada).status, 200);
    const std::string language = Stage::new_language();
    Tab a = stage_.v1(server.url(), stage_.guest(server.url(), language));
    Tab b = stage_.v1(server.url(), stage_.guest(server.url(), language));
    for (Tab* tab : {&a, &b}) tab->say(R"({"action":"find_match","policy":"any","wait":true})");
    EXPECT_EQ(text_at(a.hear("match_found"), "room_id"), text_at(b.hear("match_found"), "room_id"));
  }

  // Looks at sessions that failed since the process started.
  static std::size_t failed_looks(ServeProcess& server) {
    const std::string text = server.output();
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find("sessions_not_checked", at)) != std::string::npos;) {
      ++at;
      ++count;
    }
    return count;
  }

  void expect_outage_and_return(const std::function<void()>& take_away,
                                const std::function<void()>& bring_back) {
    ServeProcess server(backend_);
    const Player ada = stage_.guest(server.url());
    EXPECT_EQ(me(server, zoe_).status, 200);
    Tab zoe = stage_.v1(server.url(), zoe_);
    const std::size_t before = failed_looks(server);

    take_away();
    expect_only_the_site_is_away(server, ada);
    EXPECT_TRUE(stage_.until([&] { return failed_looks(server) >= before + 2; }));
    zoe.settle();
    EXPECT_TRUE(zoe.open()) << "nobody is closed for what cannot be asked";

    bring_back();
    const auto back = std::chrono::steady_clock::now();
    EXPECT_TRUE(stage_.until([&] { return me(server, zoe_).status == 200; }));
    EXPECT_LT(std::chrono::steady_clock::now() - back, 4s);
    zoe.settle();
    EXPECT_TRUE(zoe.open());
    stage_.redis(site_redis_.url(), redis::Command("DEL", key_));
    EXPECT_EQ(zoe.closed(), 4009) << "sessions are looked at again";
    EXPECT_EQ(me(server, zoe_).status, 401);
  }

  const std::string key_ = ":1:django.contrib.sessions.cache" + std::string(32, 'z');
  Backend backend_;
  TestDatabase site_{TestDatabase::Schema::empty};
  RedisServer site_redis_{RedisServer::Options{true, {}}};
  Stage stage_;
  Player zoe_;
};

TEST_F(DjangoOutageTest, ItsCacheIsGoneAndComesBack) {
  expect_outage_and_return([this] { site_redis_.kill9(); }, [this] { site_redis_.start(); });
}

TEST_F(DjangoOutageTest, ItsCacheIsThereAndDoesNotAnswer) {
  expect_outage_and_return([this] { site_redis_.pause(); }, [this] { site_redis_.resume(); });
}

TEST_F(DjangoOutageTest, ItsDatabaseIsClosedAndOpensAgain) {
  expect_outage_and_return([this] { close_database(); }, [this] { open_database(); });
}

TEST_F(DjangoOutageTest, TheServerStartsWithoutTheSiteAndLetsItsPeopleInWhenItIsThere) {
  site_redis_.kill9();
  close_database();

  const ServeProcess server(backend_);
  expect_only_the_site_is_away(server, stage_.guest(server.url()));

  site_redis_.start();
  EXPECT_EQ(me(server, zoe_).status, 503) << "half of the site is not the site";
  open_database();
  EXPECT_TRUE(stage_.until([&] { return me(server, zoe_).status == 200; }));
}

}  // namespace
}  // namespace seendr::test
