// What brought people together: over HTTP, and pushed to the sockets that asked for it.
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

class TrendingStoryTest : public TwoServers {
 protected:
  void match_by(const std::string& interest) {
    const std::string language = Stage::new_language();
    const Player ada = stage.guest(here(), language, {interest});
    const Player bob = stage.guest(here(), language, {interest});
    Tab a = stage.v1(here(), ada);
    Tab b = stage.v1(there(), bob);
    meet(a, b);
  }

  json::value get(const std::string& server, const std::string& path) {
    const http::ClientResponse got = stage.call(server, "GET", path);
    EXPECT_EQ(got.status, 200) << path << " " << got.body;
    return json::parse(got.body);
  }

  std::int64_t score(const std::string& server, const std::string& slug) {
    const json::value list = get(server, "/api/trending/interests/?limit=100");
    for (const json::value& item : list.as_array()) {
      if (text_at(item.as_object(), "slug") == slug) return item.at("score").as_int64();
    }
    return 0;
  }
};

TEST_F(TrendingStoryTest, CountsAMatchOnceAndShowsItSoonOnEveryProcess) {
  const std::int64_t before = score(here(), "opera") + score(there(), "opera");
  ASSERT_EQ(before, 0);
  match_by("opera");
  EXPECT_TRUE(stage.until([this] { return score(here(), "opera") == 1; }));
  EXPECT_TRUE(stage.until([this] { return score(there(), "opera") == 1; }));
  const json::value rank = get(there(), "/api/trending/interests/opera/rank/");
  EXPECT_EQ(text_at(rank.as_object(), "slug"), "opera");
  EXPECT_GE(rank.at("rank").as_int64(), 1);
  for (const char* window : {"hour", "day", "week"}) {
    EXPECT_FALSE(
        get(here(), std::string("/api/trending/interests?window=") + window).as_array().empty());
  }
}

TEST_F(TrendingStoryTest, HasNoRankForWhatNobodyShared) {
  EXPECT_TRUE(get(here(), "/api/trending/interests/nonsuch/rank/").at("rank").is_null());
  EXPECT_TRUE(get(here(), "/api/trending/interests/sourdough/rank").at("rank").is_null());
  for (const char* wrong : {"limit=0", "limit=101", "limit=x", "window=year"}) {
    const std::string path = std::string("/api/trending/interests/?") + wrong;
    EXPECT_EQ(stage.call(here(), "GET", path).status, 400) << wrong;
  }
}

TEST_F(TrendingStoryTest, PushesChangesToWhoSubscribed) {
  Tab tab = stage.v1(there(), stage.guest(here()));
  tab.say(R"({"action":"subscribe","channel":"trending","id":"s1"})");
  const json::object snapshot = tab.hear("subscribed");
  EXPECT_EQ(text_at(snapshot, "id"), "s1");
  EXPECT_EQ(text_at(snapshot, "channel"), "trending");
  EXPECT_TRUE(snapshot.at("items").is_array());

  match_by("bouldering");
  const json::object update = tab.hear("trending_update");
  bool told = false;
  for (const json::value& item : update.at("items").as_array()) {
    told = told || text_at(item.as_object(), "slug") == "bouldering";
  }
  EXPECT_TRUE(told) << json::serialize(update);

  tab.say(R"({"action":"unsubscribe","channel":"trending","id":"s2"})");
  EXPECT_EQ(text_at(tab.hear("ack"), "id"), "s2");
  match_by("cinema");
  EXPECT_TRUE(stage.until([this] { return score(there(), "cinema") == 1; }));
  EXPECT_TRUE(tab.overhear(Millis(1200)).empty());
  tab.say(R"({"action":"subscribe","channel":"gossip"})");
  EXPECT_EQ(text_at(tab.hear("error"), "code"), "not_found");
}

}  // namespace
}  // namespace seendr::test
