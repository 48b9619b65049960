// Whoever asked in a search to hide the address keeps it hidden when another process takes over.
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

class RelayWishesTest : public TwoServers {
 protected:
  static void SetUpTestSuite() {
    start_servers({"SEENDR_TURN_URLS=stun:stun.example:3478,turn:turn.example:3478",
                   "SEENDR_TURN_SECRET=north-star"});
  }

  static json::object search(std::string_view policy) {
    return json::object{
        {"action", "find_match"}, {"policy", "any"}, {"wait", true}, {"ice_policy", policy}};
  }

  static bool offers_stun(const json::object& frame) {
    return json::serialize(frame.at("ice_servers")).find("stun:") != std::string::npos;
  }

  // What a tab is told of its room: of the frames themselves, and of fresh ICE servers.
  static void expect_hidden(Tab& tab, const json::object& found) {
    EXPECT_EQ(text_at(found, "ice_policy"), "relay");
    EXPECT_FALSE(offers_stun(found));
    tab.say(in_room("ice_servers", text_at(found, "room_id")));
    EXPECT_FALSE(offers_stun(tab.hear("ice_servers")));
  }

  struct Hidden {
    Player ada;
    Player bob;
    std::string room;
    std::string token;
    Tab a;
    Tab b;
  };

  // Ada, who hides, and Bob, who does not, in a call.
  Hidden hidden_call(const std::string& ada_at, const std::string& bob_at) {
    const auto [ada, bob] = pair_of_guests();
    auto [a, welcome] = stage.v1_welcomed(ada_at, ada);
    Tab b = stage.v1(bob_at, bob);
    a.say(search("relay"));
    b.say(search("all"));
    const json::object found = a.hear("match_found");
    expect_hidden(a, found);
    EXPECT_EQ(text_at(b.hear("match_found"), "ice_policy"), "all");
    b.say(in_room("ice_servers", text_at(found, "room_id")));
    EXPECT_TRUE(offers_stun(b.hear("ice_servers")));
    return {ada, bob, text_at(found, "room_id"), text_at(welcome, "resume_token"), a, b};
  }
};

TEST_F(RelayWishesTest, HidesOnAnotherProcessToo) {
  Hidden call = hidden_call(here(), there());
  call.a.cut();
  Tab back = stage.v1(there(), call.ada, call.token);
  const json::object found = back.hear("match_found");
  EXPECT_EQ(text_at(found, "room_id"), call.room);
  expect_hidden(back, found);
}

TEST_F(RelayWishesTest, HidesAfterTheProcessThatKnewWasKilled) {
  ServeProcess doomed(backend());
  Hidden call = hidden_call(doomed.url(), there());
  doomed.kill9();
  Tab back = stage.v1(here(), call.ada, call.token);
  const json::object found = back.hear("match_found");
  EXPECT_EQ(text_at(found, "room_id"), call.room);
  expect_hidden(back, found);
}

TEST_F(RelayWishesTest, HidesInTheNextRoomWhenAskedToSearchAsBefore) {
  Hidden call = hidden_call(here(), there());
  call.a.cut();
  Tab back = stage.v1(there(), call.ada, call.token);
  back.hear("match_found");
  Tab c = stage.v1(there(), stage.guest(here(), call.ada.language));
  c.say(search("all"));
  c.hear("searching");
  back.say(in_room("next", call.room));
  back.hear("room_closed");
  expect_hidden(back, back.hear("match_found"));
}

TEST_F(RelayWishesTest, HidesNobodyWhoNoLongerAsksForIt) {
  ServeProcess doomed(backend());
  const auto [ada, bob] = pair_of_guests();
  auto [a, welcome] = stage.v1_welcomed(doomed.url(), ada);
  a.say(search("relay"));
  a.hear("searching");
  Tab b = stage.v1(there(), bob);
  a.say(search("all"));
  a.settle();
  b.say(search("all"));
  EXPECT_EQ(text_at(a.hear("match_found"), "ice_policy"), "all");
  b.hear("match_found");
  doomed.kill9();
  Tab back = stage.v1(here(), ada, text_at(welcome, "resume_token"));
  EXPECT_EQ(text_at(back.hear("match_found"), "ice_policy"), "all");
}

}  // namespace
}  // namespace seendr::test
