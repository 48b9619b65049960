// Static pages, the health of the cache, and matching over HTTP.
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

class RestPagesTest : public TwoServers {
 protected:
  http::ClientResponse search(const std::string& server, const Player& player) {
    http::Headers headers = player.headers();
    headers.add("Content-Type", "application/json");
    return stage.call(server, "POST", "/api/matching/", std::move(headers),
                      R"({"interests":["music"]})");
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
  const http::ClientResponse told = stage.call(here(), "GET", "/api/health/redis/");
  EXPECT_EQ(told.status, 200);
  const json::object body = json::parse(told.body).as_object();
  EXPECT_EQ(body.size(), 4u);
  EXPECT_EQ(text_at(body, "status"), "healthy");
  EXPECT_TRUE(text_at(body, "hit_rate").ends_with("%"));
  EXPECT_FALSE(text_at(body, "memory_used").empty());
  EXPECT_GE(body.at("connected_clients").as_int64(), 1);
}

TEST_F(RestPagesTest, MatchesOverHttpWithSomebodyWhoIsConnected) {
  const auto [ada, bob] = pair_of_guests();
  Tab b = stage.article(there(), bob);
  b.settle();
  json::value match;
  stage.until([&] {
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
