// A change of the account counts wherever the person's sockets are.
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

class AccountChangesTest : public TwoServers {
 protected:
  static void SetUpTestSuite() {
    start_servers({"SEENDR_TURN_URLS=turn:turn.example:3478", "SEENDR_TURN_SECRET=north-star"});
  }

  void change(const std::string& server, const Player& player, const json::object& fields) {
    http::Headers headers = player.headers();
    headers.add("Content-Type", "application/json");
    const http::ClientResponse changed =
        stage.call(server, "PATCH", "/api/v1/me", headers, json::serialize(fields));
    ASSERT_EQ(changed.status, 200) << changed.body;
  }

  // Searches until that is no longer forbidden.
  bool may_search(Tab& tab) {
    return stage.until([&tab] {
      tab.say(json::object{{"action", "find_match"}, {"policy", "any"}, {"wait", true}});
      const json::object answer = json::parse(tab.hear_text()).as_object();
      if (text_at(answer, "type") != "error") return true;
      tab.overhear(Millis(50));  // Not as fast as the limit of frames.
      return false;
    });
  }
};

TEST_F(AccountChangesTest, HidesTheAddressInTheNextCall) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  change(here(), ada, {{"hide_address", true}});
  const Call call = meet(a, b);
  EXPECT_EQ(text_at(call.ada, "ice_policy"), "relay");
  EXPECT_EQ(text_at(call.bob, "ice_policy"), "all");
}

TEST_F(AccountChangesTest, CountsOnTheProcessThatHasTheSocket) {
  const auto [ada, bob] = pair_of_guests();
  change(here(), ada, {{"adult", false}});
  Tab a = stage.v1(there(), ada);
  a.say(R"({"action":"find_match"})");
  EXPECT_EQ(text_at(a.hear("error"), "code"), "forbidden");

  change(here(), ada, {{"adult", true}, {"hide_address", true}, {"display_name", "Countess"}});

  ASSERT_TRUE(may_search(a));
  Tab b = stage.v1(here(), bob);
  b.say(R"({"action":"find_match","policy":"any","wait":true})");
  EXPECT_EQ(text_at(b.hear("match_found").at("partner").as_object(), "display_name"), "Countess");
  EXPECT_EQ(text_at(a.hear("match_found"), "ice_policy"), "relay");
}

TEST_F(AccountChangesTest, MakesWhoSaysToBeOfAgeMatchableInTheMannerOfTheArticle) {
  const auto [ada, bob] = pair_of_guests();
  change(here(), ada, {{"adult", false}});
  Tab a = stage.article(there(), ada);
  change(here(), ada, {{"adult", true}});

  Tab b = stage.v1(here(), bob);
  b.say(R"({"action":"find_match","policy":"any","wait":true})");
  EXPECT_EQ(text_at(a.hear("match_found"), "room_id"), text_at(b.hear("match_found"), "room_id"));
}

}  // namespace
}  // namespace seendr::test
