// What brought people together, over HTTP, and what is pushed to the sockets that asked for it:
// trending, and the queue.
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

class QueueStoryTest : public TwoServers {
 protected:
  // What the tab knows after its snapshot and every update since.
  struct Figures {
    std::int64_t searching = 0;
    std::map<std::string, std::int64_t> interests;

    void take(const json::object& frame) {
      if (const json::value* count = frame.if_contains("searching")) {
        searching = json::value_to<std::int64_t>(*count);
      }
      const json::value* changed = frame.if_contains("interests");
      if (!changed) return;
      for (const auto& [slug, count] : changed->as_object()) {
        interests[slug] = json::value_to<std::int64_t>(count);
      }
    }
  };

  // Hears updates until as many people search by that interest, and in all.
  static void hear_until(Tab& tab, Figures& known, std::int64_t searching,
                         const std::string& interest) {
    while (known.searching != searching || known.interests[interest] != searching) {
      known.take(tab.hear("queue_update"));
    }
  }
};

TEST_F(QueueStoryTest, TellsWhoSearchesOnAnyProcessToWhoSubscribed) {
  Tab tab = stage.v1(there(), stage.guest(here()));
  tab.say(R"({"action":"subscribe","channel":"queue","id":"q1"})");
  const json::object snapshot = tab.hear("subscribed");
  EXPECT_EQ(text_at(snapshot, "id"), "q1");
  EXPECT_EQ(text_at(snapshot, "channel"), "queue");
  EXPECT_TRUE(snapshot.at("online").is_number());
  EXPECT_TRUE(snapshot.at("wait_ms").is_null()) << "nobody was matched yet";
  Figures known;
  known.take(snapshot);
  EXPECT_EQ(known.searching, 0);

  const Player ada = stage.guest(here(), "", {"opera"});
  Tab searching = stage.v1(here(), ada);
  searching.say(R"({"action":"find_match","wait":true})");
  hear_until(tab, known, 1, "opera");

  searching.say(R"({"action":"cancel_match"})");
  searching.hear("match_cancelled");
  hear_until(tab, known, 0, "opera");

  tab.say(R"({"action":"unsubscribe","channel":"queue","id":"q2"})");
  for (std::string type; type != "ack";) {
    type = text_at(json::parse(tab.hear_text()).as_object(), "type");
    EXPECT_TRUE(type == "ack" || type == "queue_update") << type;
  }
  searching.say(R"({"action":"find_match","wait":true})");
  searching.hear("searching");
  EXPECT_TRUE(tab.overhear(Millis(2500)).empty());
}

}  // namespace
}  // namespace seendr::test
