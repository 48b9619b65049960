// A lost socket does not end the call; what ends it, and how a process goes away politely.
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class ReconnectTest : public TwoServers {
 protected:
  static void SetUpTestSuite() {
    start_servers({"SEENDR_MATCH_ROOM_GRACE_MS=2000", "SEENDR_MATCH_HOLD_MS=1000",
                   "SEENDR_SERVER_DRAIN_MS=3000", "SEENDR_SOCKET_HELLO_MS=2000"});
  }

  void expect_return_on(const std::string& server) {
    const auto [ada, bob] = pair_of_guests();
    auto [a, welcome] = stage.v1_welcomed(here(), ada);
    Tab b = stage.v1(there(), bob);
    const Call call = meet(a, b);
    json::object hello = in_room("chat_message", call.room);
    hello["text"] = "before";
    b.say(hello);
    b.hear("message_ack");
    a.hear("chat_message");

    a.cut();
    const json::object lost = b.hear("partner_state");
    EXPECT_EQ(text_at(lost, "state"), "reconnecting");
    EXPECT_EQ(lost.at("grace_ms").as_int64(), 2000);
    json::object meanwhile = in_room("chat_message", call.room);
    meanwhile["text"] = "are you there?";
    b.say(meanwhile);
    b.hear("message_ack");

    Tab back = stage.v1(server, ada, text_at(welcome, "resume_token"));
    const json::object found = back.hear("match_found");
    EXPECT_EQ(text_at(found, "room_id"), call.room);
    EXPECT_EQ(found.at("partner_id"), call.ada.at("partner_id"));
    EXPECT_EQ(found.at("polite"), call.ada.at("polite"));
    EXPECT_EQ(text_at(back.hear("chat_message"), "text"), "are you there?");
    EXPECT_EQ(text_at(b.hear("partner_state"), "state"), "reconnected");

    json::object offer = in_room("signal", call.room);
    offer["description"] = json::object{{"type", "offer"}, {"sdp", "v=0\r\n"}};
    back.say(offer);
    EXPECT_EQ(text_at(b.hear("signal"), "from"), text_at(call.bob, "partner_id"));
    EXPECT_TRUE(b.overhear(2500ms).empty()) << "the grace is over only for who stays away";
    b.say(in_room("leave_room", call.room));
    EXPECT_EQ(text_at(back.hear("partner_left"), "reason"), "left");
  }
};

TEST_F(ReconnectTest, PutsWhoComesBackIntoTheSameRoom) {
  expect_return_on(here());
}

TEST_F(ReconnectTest, PutsWhoComesBackOnAnotherProcessIntoTheSameRoom) {
  expect_return_on(there());
}

TEST_F(ReconnectTest, EndsTheRoomWhenTheGraceIsOver) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);
  b.say(in_room("ice_servers", call.room));
  b.hear("ice_servers");
  a.cut();
  EXPECT_EQ(text_at(b.hear("partner_state"), "state"), "reconnecting");
  const json::object left = b.hear("partner_left");
  EXPECT_EQ(text_at(left, "reason"), "timeout");
  EXPECT_EQ(text_at(left, "room_id"), call.room);
  Tab back = stage.v1(here(), ada);
  EXPECT_TRUE(back.overhear(300ms).empty());
}

TEST_F(ReconnectTest, LeavesASecondTabOutsideOfTheRoom) {
  const auto [ada, bob] = pair_of_guests();
  Tab a1 = stage.v1(here(), ada);
  Tab b = stage.v1(here(), bob);
  const Call call = meet(a1, b);
  Tab a2 = stage.v1(there(), ada);
  a2.say(in_room("typing", call.room));
  EXPECT_EQ(text_at(a2.hear("error"), "code"), "not_in_room");
  a2.say(R"({"action":"find_match","wait":true})");
  EXPECT_EQ(text_at(a2.hear("error"), "code"), "already_in_room");
  json::object typing = in_room("typing", call.room);
  typing["active"] = true;
  a1.say(typing);
  b.hear("typing");
}

TEST_F(ReconnectTest, PutsWhoComesBackToWhereAnotherTabIsIntoTheSameRoom) {
  const auto [ada, bob] = pair_of_guests();
  Tab idle = stage.v1(there(), ada);
  idle.settle();
  auto [a, welcome] = stage.v1_welcomed(here(), ada);
  Tab b = stage.v1(here(), bob);
  const Call call = meet(a, b);
  a.cut();
  EXPECT_EQ(text_at(b.hear("partner_state"), "state"), "reconnecting");
  Tab back = stage.v1(there(), ada, text_at(welcome, "resume_token"));
  EXPECT_EQ(text_at(back.hear("match_found"), "room_id"), call.room);
  EXPECT_EQ(text_at(b.hear("partner_state"), "state"), "reconnected");
  EXPECT_TRUE(idle.overhear(0ms).empty());
}

TEST_F(ReconnectTest, LeavesTheCallToTheOtherTabOfTheArticle) {
  const auto [ada, bob] = pair_of_guests();
  Tab one = stage.article(here(), ada);
  Tab other = stage.article(here(), ada);
  Tab b = stage.v1(there(), bob);
  b.say(R"({"action":"find_match","wait":true,"policy":"any"})");
  const std::string room = text_at(b.hear("match_found"), "room_id");
  EXPECT_EQ(text_at(one.hear("match_found"), "room_id"), room);
  EXPECT_EQ(text_at(other.hear("match_found"), "room_id"), room);
  b.say(in_room("ice_servers", room));
  b.hear("ice_servers");
  one.cut();
  EXPECT_TRUE(b.overhear(2500ms).empty()) << "the person is there in the other tab";
  b.say(in_room("leave_room", room));
  EXPECT_EQ(text_at(b.hear("room_closed"), "room_id"), room);
}

TEST_F(ReconnectTest, KeepsNobodyMatchableWhoseLastSearchingTabIsGone) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  a.say(R"({"action":"find_match","wait":true,"policy":"any"})");
  a.settle();
  a.cut();
  Tab b = stage.v1(here(), bob);
  b.say(R"({"action":"find_match","wait":true,"policy":"any"})");
  EXPECT_TRUE(b.overhear(500ms).empty());
}

TEST_F(ReconnectTest, MatchesNobodyWhoCameBackAndDoesNotSearchYet) {
  const json::object search{{"action", "find_match"}, {"policy", "any"}, {"wait", true}};
  const auto [ada, bob] = pair_of_guests();
  {
    Tab a = stage.v1(here(), ada);
    a.say(search);
    a.hear("searching");
    a.cut();
  }
  Tab b = stage.v1(here(), bob);
  b.say(search);
  b.hear("searching");
  Tab back = stage.v1(here(), ada);
  EXPECT_TRUE(back.overhear(300ms).empty());
  back.say(search);
  const json::object found = back.hear("match_found");
  EXPECT_EQ(b.hear("match_found").at("room_id"), found.at("room_id"));
}

TEST_F(ReconnectTest, TakesACancelOfASearchThatWasLeftBehind) {
  const auto [ada, bob] = pair_of_guests();
  {
    Tab a = stage.v1(here(), ada);
    a.say(R"({"action":"find_match","wait":true,"policy":"any"})");
    a.hear("searching");
    a.cut();
  }
  Tab back = stage.v1(here(), ada);
  back.say(R"({"action":"cancel_match"})");
  EXPECT_EQ(text_at(back.hear("match_cancelled"), "reason"), "cancelled");
  Tab b = stage.v1(here(), bob);
  b.say(R"({"action":"find_match","policy":"any"})");
  EXPECT_EQ(text_at(b.hear("no_match_found"), "reason"), "empty_pool");
}

TEST_F(ReconnectTest, ClosesASocketThatDoesNotSayHello) {
  const Player ada = stage.guest(here());
  Tab silent = stage.open(here(), ada.headers(), "seendr.v1");
  EXPECT_EQ(silent.closed(), 4502);
}

// Last: it ends one of the two processes.
TEST_F(ReconnectTest, SendsItsPeopleElsewhereBeforeItEnds) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);
  for (Tab* tab : {&a, &b}) {  // Both are in the room: no no-show ends it.
    tab->say(in_room("ice_servers", call.room));
    tab->hear("ice_servers");
  }
  Tab old = stage.article(here(), stage.guest(here()));
  old.settle();
  first().process().signal(SIGTERM);
  const json::object away = a.hear("go_away");
  EXPECT_EQ(text_at(away, "action"), "reconnect");
  EXPECT_TRUE(has(away, "after_ms"));
  EXPECT_EQ(a.closed(), 1012);
  EXPECT_EQ(old.closed(), 1012);
  EXPECT_TRUE(old.overhear(0ms).empty()) << "the article knows no go_away";
  EXPECT_EQ(text_at(b.hear("partner_state"), "state"), "reconnecting");
  Tab back = stage.v1(there(), ada);
  EXPECT_EQ(text_at(back.hear("match_found"), "room_id"), call.room);
  back.say(in_room("ice_servers", call.room));
  back.hear("ice_servers");
  EXPECT_EQ(text_at(b.hear("partner_state"), "state"), "reconnected");
  EXPECT_TRUE(first().process().wait(15s));
  EXPECT_EQ(first().process().exit_status(), 0);
  for (const std::string& frame : b.overhear(6000ms)) {
    ADD_FAILURE() << "the old process is missed, not the person: " << frame;
  }
}

}  // namespace
}  // namespace seendr::test
