// Static pages, the health of the cache, and matching over HTTP.
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class RestPagesTest : public TwoServers {
 protected:
  http::ClientResponse search(const std::string& server, const Player& player) {
    http::Headers headers = player.headers();
    headers.add("Content-Type", "application/json");
    return stage.call(server, "POST", "/api/matching/", std::move(headers),
                      R"({"interests":["music"]})");
  }

  json::object health(const std::string& server) {
    const http::ClientResponse told = stage.call(server, "GET", "/api/health/redis/");
    EXPECT_EQ(told.status, 200);
    return json::parse(told.body).as_object();
  }

  // The longest life that is left to an answer of that class in the cache.
  Millis life_of(const std::string& key_class) {
    const redis::Url url = backend().redis().url();
    const redis::Reply keys =
        stage.redis(url, redis::Command("KEYS", "seendr:1:" + key_class + ":*"));
    Millis longest{0};
    for (const redis::Reply& key : keys.as_array()) {
      const redis::Reply left = stage.redis(url, redis::Command("PTTL", key.text()));
      longest = std::max(longest, Millis(left.as_int()));
    }
    return longest;
  }
};

TEST_F(RestPagesTest, ShowsThePagesInTwoLanguagesForADay) {
  for (const char* slug : {"faq", "terms", "privacy"}) {
    const std::string path = std::string("/api/pages/") + slug;
    const http::ClientResponse en = stage.call(here(), "GET", path + "/");
    const http::ClientResponse fr =
        stage.call(here(), "GET", path, {{"Accept-Language", "fr-FR,fr;q=0.9"}});
    EXPECT_EQ(en.status, 200);
    EXPECT_EQ(en.headers.get("Content-Language"), "en");
    EXPECT_EQ(fr.headers.get("Content-Language"), "fr");
    EXPECT_NE(en.body, fr.body);
    EXPECT_EQ(en.headers.get("Vary"), "Accept-Language");
    EXPECT_EQ(en.headers.get("Cache-Control"), "public, max-age=86400");
    const http::Headers has{{"If-None-Match", std::string(en.headers.get("ETag"))}};
    EXPECT_EQ(stage.call(there(), "GET", path + "/", has).status, 304);
  }
  EXPECT_EQ(stage.call(here(), "GET", "/api/pages/nothing/").status, 404);
}

TEST_F(RestPagesTest, TellsHowTheCacheDoesWithoutAWarningBeforeItKnows) {
  const json::object body = health(here());
  EXPECT_EQ(body.size(), 4u);
  EXPECT_EQ(text_at(body, "status"), "healthy");
  EXPECT_TRUE(text_at(body, "hit_rate").ends_with("%"));
  EXPECT_FALSE(text_at(body, "memory_used").empty());
  EXPECT_GE(body.at("connected_clients").as_int64(), 1);
}

TEST_F(RestPagesTest, WarnsWhenFourFifthsOfAHundredReadsAreNotAnsweredFromTheCache) {
  const ServeProcess fresh(backend());
  const auto read = [&](int first, int count) {
    for (int i = first; i < first + count; ++i) {
      stage.call(fresh.url(), "GET", "/api/profiles/" + std::to_string(1000 + i) + "/");
    }
  };
  const auto told = [&] {
    const json::object body = health(fresh.url());
    return text_at(body, "status") + " " + text_at(body, "hit_rate");
  };
  EXPECT_EQ(told(), "healthy 0.0%");
  read(0, 99);
  EXPECT_EQ(told(), "healthy 0.0%");
  read(99, 1);
  EXPECT_EQ(told(), "warning 0.0%");
  for (int i = 0; i < 400; ++i) read(7, 1);
  EXPECT_EQ(told(), "warning 80.0%");
  for (int i = 0; i < 3; ++i) read(7, 1);
  EXPECT_EQ(told(), "healthy 80.1%");
}

TEST_F(RestPagesTest, KeepsAnswersForTheTimesOfTheTable) {
  const http::ClientResponse made =
      stage.call(here(), "POST", "/api/v1/auth/register", {{"Content-Type", "application/json"}},
                 R"({"email":"ada@a.org","password":"correct horse","display_name":"Ada"})");
  ASSERT_EQ(made.status, 201) << made.body;
  http::Headers headers{{"Cookie", "sessionid=" + Stage::cookie_value(made.headers)},
                        {"Content-Type", "application/json"}};
  stage.call(here(), "PATCH", "/api/v1/me", headers, R"({"public_profile":true})");
  const std::string id = text_at(json::parse(made.body).at("user").as_object(), "id");
  struct Row {
    std::string key_class;
    std::string path;
    std::chrono::seconds life;
  };
  const std::vector<Row> table = {{"profile", "profiles/" + id + "/", 1h},
                                  {"profiles", "profiles/?language=en", 3min},
                                  {"trending", "trending/interests/", 5min},
                                  {"rank", "trending/interests/music/rank/", 5min},
                                  {"page", "pages/faq/", 24h}};
  for (const Row& row : table) {
    EXPECT_EQ(stage.call(here(), "GET", "/api/" + row.path).status, 200) << row.path;
    const Millis left = life_of(row.key_class);
    EXPECT_LE(left, row.life) << row.key_class;
    EXPECT_GE(left, row.life * 9 / 10 - 5s) << row.key_class;  // Shortened at random by a tenth.
  }
}

TEST_F(RestPagesTest, MatchesOverHttpWithSomebodyWhoIsConnected) {
  const auto [ada, bob] = pair_of_guests();
  Tab b = stage.article(there(), bob);
  b.settle();
  json::value match;
  stage.until([&, &ada = ada] {
    match = json::parse(search(here(), ada).body).at("match");
    return !match.is_null();
  });
  ASSERT_TRUE(match.is_object());
  const json::object found = b.hear("match_found");
  EXPECT_EQ(text_at(match.as_object(), "room_id"), text_at(found, "room_id"));
  EXPECT_EQ(text_at(match.as_object(), "partner_id"), bob.id);
  EXPECT_EQ(text_at(found, "partner_id"), ada.id);
}

TEST_F(RestPagesTest, LeavesThePoolWhenNobodyFitsAndNoSocketIsOpen) {
  const auto [ada, bob] = pair_of_guests();
  EXPECT_EQ(search(here(), ada).body, R"({"match":null})");
  EXPECT_EQ(search(there(), bob).body, R"({"match":null})") << "Ada is gone";
  EXPECT_EQ(stage.call(here(), "POST", "/api/matching/").status, 401);
}

}  // namespace
}  // namespace seendr::test
