// A server without a relay says so, and does not begin calls that could never connect.
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

class NoRelayTest : public TwoServers {
 protected:
  // A STUN server is none.
  static void SetUpTestSuite() { start_servers({"SEENDR_TURN_URLS=stun:stun.example:3478"}); }

  static void expect_refusal(Tab& tab) {
    const json::object error = tab.hear("error");
    EXPECT_EQ(text_at(error, "code"), "bad_request");
    EXPECT_FALSE(error.at("temporary").as_bool());
  }
};

TEST_F(NoRelayTest, SaysThatThereIsNone) {
  const auto [tab, welcome] = stage.v1_welcomed(here(), stage.guest(here()));
  EXPECT_EQ(welcome.at("relay"), json::value(false));
  const http::ClientResponse presence = stage.call(here(), "GET", "/api/v1/presence");
  EXPECT_EQ(json::parse(presence.body).at("relay"), json::value(false));
}

TEST_F(NoRelayTest, RefusesASearchThatIsToHideTheAddress) {
  Tab tab = stage.v1(here(), stage.guest(here()));
  tab.say(R"({"action":"find_match","wait":true,"ice_policy":"relay"})");
  expect_refusal(tab);
  tab.say(R"({"action":"find_match","wait":true})");
  tab.hear("searching");
}

TEST_F(NoRelayTest, RefusesASearchOfSomebodyWhoseAccountHidesTheAddress) {
  const Player ada = stage.guest(here());
  Tab tab = stage.v1(here(), ada);
  http::Headers headers = ada.headers();
  headers.add("Content-Type", "application/json");
  const http::ClientResponse changed =
      stage.call(here(), "PATCH", "/api/v1/me", headers, R"({"hide_address":true})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  tab.say(R"({"action":"find_match","wait":true})");
  expect_refusal(tab);
}

TEST_F(NoRelayTest, KeepsTheCallOfWhoAsksForItInTheNext) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);
  json::object next = in_room("next", call.room);
  next["ice_policy"] = "relay";
  a.say(next);
  expect_refusal(a);
  json::object typing = in_room("typing", call.room);
  typing["active"] = true;
  a.say(typing);
  b.hear("typing");
}

}  // namespace
}  // namespace seendr::test
