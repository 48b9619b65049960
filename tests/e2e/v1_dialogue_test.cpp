// seendr.v1: hello, standing searches, and what passes in a room, in one process and between two.
#include <set>

#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class V1DialogueTest : public TwoServers {
 protected:
  static void SetUpTestSuite() {
    start_servers({"SEENDR_TURN_URLS=stun:stun.example:3478,turn:turn.example:3478",
                   "SEENDR_TURN_SECRET=north-star", "SEENDR_AUTH_TICKET_TTL_S=2"});
  }

  // What one says the other hears, both ways, whoever holds the sockets.
  static void expect_relay(Tab& from, Tab& to, const std::string& room, const std::string& alias) {
    json::object offer = in_room("signal", room);
    offer["description"] = json::object{{"type", "offer"}, {"sdp", "v=0\r\n"}};
    from.say(offer);
    const json::object signal = to.hear("signal");
    EXPECT_EQ(signal.at("description"), offer.at("description"));
    EXPECT_EQ(text_at(signal, "from"), alias);
    EXPECT_EQ(text_at(signal, "room_id"), room);
    EXPECT_TRUE(has(signal, "seq"));

    json::object last = in_room("signal", room);
    last["candidate"] = nullptr;
    from.say(last);
    EXPECT_TRUE(to.hear("signal").at("candidate").is_null());

    json::object chat = in_room("chat_message", room);
    chat["text"] = "Zażółć 🦊";
    chat["client_msg_id"] = "m1";
    chat["id"] = "c9";
    from.say(chat);
    const json::object message = to.hear("chat_message");
    EXPECT_EQ(text_at(message, "text"), "Zażółć 🦊");
    EXPECT_EQ(text_at(message, "from"), alias);
    const json::object ack = from.hear("message_ack");
    EXPECT_EQ(text_at(ack, "id"), "c9");
    EXPECT_EQ(text_at(ack, "client_msg_id"), "m1");
    EXPECT_FALSE(has(ack, "seq"));

    json::object typing = in_room("typing", room);
    typing["active"] = true;
    from.say(typing);
    EXPECT_TRUE(to.hear("typing").at("active").as_bool());

    json::object media = in_room("media_state", room);
    media["audio"] = true;
    from.say(media);
    const json::object state = to.hear("media_state");
    EXPECT_TRUE(state.at("audio").as_bool());
    EXPECT_FALSE(state.at("video").as_bool());
  }

  void expect_call_between(const std::string& one, const std::string& other) {
    const auto [ada, bob] = pair_of_guests();
    Tab a = stage.v1(one, ada);
    Tab b = stage.v1(other, bob);
    const Call call = meet(a, b);
    expect_relay(a, b, call.room, text_at(call.bob, "partner_id"));
    expect_relay(b, a, call.room, text_at(call.ada, "partner_id"));
  }
};

TEST_F(V1DialogueTest, WelcomesWhoSaysHelloAndTellsTheLimits) {
  const Player ada = stage.guest(here());
  Tab tab = stage.open(here(), ada.headers(), "seendr.v1");
  EXPECT_TRUE(tab.overhear(100ms).empty()) << "the client's first frame is hello";
  tab.say(R"({"action":"hello","id":"h1","client":{"name":"test","version":"1"}})");
  const json::object welcome = tab.hear("welcome");
  EXPECT_EQ(text_at(welcome, "id"), "h1");
  EXPECT_EQ(text_at(welcome.at("user").as_object(), "id"), ada.id);
  EXPECT_TRUE(welcome.at("user").at("guest").as_bool());
  EXPECT_EQ(welcome.at("heartbeat_ms").as_int64(), 25'000);
  EXPECT_EQ(welcome.at("limits").at("frame_bytes").as_int64(), 65'536);
  EXPECT_EQ(welcome.at("limits").at("interests").as_int64(), 10);
  for (const char* field : {"session_id", "resume_token", "resume_window_ms", "server_time"}) {
    EXPECT_TRUE(has(welcome, field)) << field;
  }
}

TEST_F(V1DialogueTest, ClosesWhoIsNotSignedInAndWhoDoesNotSayHello) {
  Tab stranger = stage.open(here(), {}, "seendr.v1");
  stranger.say(R"({"action":"hello"})");
  EXPECT_EQ(stranger.closed(), 4501);
  const Player ada = stage.guest(here());
  Tab rude = stage.open(here(), ada.headers(), "seendr.v1");
  rude.say(R"({"action":"find_match"})");
  EXPECT_EQ(rude.closed(), 4502);
}

TEST_F(V1DialogueTest, TellsHowASearchGoesUntilSomebodyComes) {
  const std::string language = Stage::new_language();
  const Player ada = stage.guest(here(), language, {"chess", "music"});
  const Player bob = stage.guest(here(), language, {"chess", "cooking"});
  Tab a = stage.v1(here(), ada);
  a.say(R"({"action":"find_match","wait":true,"id":"s1"})");
  const json::object searching = json::parse(a.hear_text()).as_object();
  EXPECT_EQ(text_at(searching, "type"), "searching");
  EXPECT_EQ(text_at(searching, "id"), "s1");
  for (const char* field :
       {"waited_ms", "candidates", "need", "online", "relax_step", "excluded", "interests"}) {
    EXPECT_TRUE(has(searching, field)) << field;
  }
  EXPECT_FALSE(has(searching, "seq"));

  Tab b = stage.v1(here(), bob);
  b.say(R"({"action":"find_match","wait":true,"id":"s2"})");
  const json::object told_a = a.hear("match_found");
  const json::object told_b = b.hear("match_found");
  EXPECT_EQ(text_at(told_a, "room_id"), text_at(told_b, "room_id"));
  EXPECT_NE(told_a.at("polite").as_bool(), told_b.at("polite").as_bool());
  EXPECT_EQ(told_a.at("shared_interests"), json::value(json::array{"chess"}));
  EXPECT_NE(text_at(told_a, "partner_id"), bob.id) << "an alias, not the id";
  EXPECT_NE(text_at(told_b, "partner_id"), ada.id);
  EXPECT_NE(text_at(told_a, "partner_id"), text_at(told_b, "partner_id"));
  const json::object& partner = told_a.at("partner").as_object();
  EXPECT_EQ(text_at(partner, "display_name"), "Ada");
  EXPECT_EQ(text_at(partner, "language"), language);
  EXPECT_EQ(text_at(partner, "region"), "eu");
  EXPECT_EQ(text_at(told_a, "ice_policy"), "all");
  EXPECT_EQ(told_a.at("seq").as_int64(), 1);
  for (const char* field : {"score", "waited_ms", "ice_servers"}) {
    EXPECT_TRUE(has(told_a, field)) << field;
  }
}

TEST_F(V1DialogueTest, HandsOutTurnCredentialsOfItsOwnToEachAndFreshOnesOnRequest) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(here(), bob);
  const Call call = meet(a, b);
  const json::array& servers = call.ada.at("ice_servers").as_array();
  ASSERT_EQ(servers.size(), 2u);
  EXPECT_EQ(servers[0].at("urls"), json::value(json::array{"stun:stun.example:3478"}));
  EXPECT_EQ(servers[1].at("urls"), json::value(json::array{"turn:turn.example:3478"}));
  EXPECT_FALSE(text_at(servers[1].as_object(), "credential").empty());
  EXPECT_NE(servers[1].at("username"), call.bob.at("ice_servers").at(1).at("username"));
  a.say(in_room("ice_servers", call.room));
  const json::object fresh = a.hear("ice_servers");
  EXPECT_EQ(fresh.at("ttl_s").as_int64(), 3600);
  EXPECT_EQ(fresh.at("ice_servers").as_array().size(), 2u);
}

TEST_F(V1DialogueTest, CountsTheOthersWhoSearchByTheSameInterest) {
  const json::object search{
      {"action", "find_match"}, {"interests", {"opera", "early-music"}}, {"wait", true}};
  const Player ada = stage.guest(here());
  const Player bob = stage.guest(here());  // Of another language: the two cannot meet.
  Tab a = stage.v1(here(), ada);
  a.say(search);
  EXPECT_EQ(a.hear("searching").at("interests"), json::value(json::object{}));
  Tab b = stage.v1(here(), bob);
  b.say(search);
  EXPECT_EQ(b.hear("searching").at("interests"), json::value({{"opera", 1}, {"early-music", 1}}));
}

TEST_F(V1DialogueTest, HidesTheAddressOfWhoWishesIt) {
  const auto [ada, bob] = pair_of_guests();
  auto [a, welcome] = stage.v1_welcomed(here(), ada);
  Tab b = stage.v1(there(), bob);
  EXPECT_EQ(welcome.at("relay"), json::value(true));
  const http::ClientResponse presence = stage.call(here(), "GET", "/api/v1/presence");
  EXPECT_EQ(json::parse(presence.body).at("relay"), json::value(true));
  a.say(R"({"action":"find_match","policy":"any","wait":true,"ice_policy":"relay"})");
  b.say(R"({"action":"find_match","policy":"any","wait":true})");
  const json::object found = a.hear("match_found");
  EXPECT_EQ(text_at(found, "ice_policy"), "relay");
  EXPECT_EQ(found.at("ice_servers").as_array().size(), 1u) << "TURN alone";
  EXPECT_EQ(text_at(b.hear("match_found"), "ice_policy"), "all");
}

TEST_F(V1DialogueTest, PassesEverythingOnWithinAProcess) {
  expect_call_between(here(), here());
}

TEST_F(V1DialogueTest, PassesEverythingOnBetweenProcesses) {
  expect_call_between(here(), there());
}

TEST_F(V1DialogueTest, TellsTheOneWhoLeavesAndTheOtherEachInTheirWords) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);
  json::object leave = in_room("leave_room", call.room);
  leave["id"] = "l1";
  a.say(leave);
  const json::object closed = a.hear("room_closed");
  EXPECT_EQ(text_at(closed, "room_id"), call.room);
  EXPECT_EQ(text_at(closed, "reason"), "left");
  EXPECT_EQ(text_at(closed, "id"), "l1");
  EXPECT_TRUE(has(closed, "duration_ms"));
  const json::object left = b.hear("partner_left");
  EXPECT_EQ(text_at(left, "room_id"), call.room);
  EXPECT_EQ(text_at(left, "reason"), "left");
  EXPECT_TRUE(a.overhear(100ms).empty());
  b.say(in_room("chat_message", call.room));
  EXPECT_EQ(text_at(b.hear("error"), "code"), "bad_request");
  b.say(in_room("typing", call.room));
  EXPECT_EQ(text_at(b.hear("error"), "code"), "not_in_room");
}

TEST_F(V1DialogueTest, GoesOnToTheNextPersonInOneStepAndNeverBackToTheLast) {
  const auto [ada, bob] = pair_of_guests();
  const Player cleo = stage.guest(here(), ada.language);
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(here(), bob);
  const Call call = meet(a, b);
  a.say(in_room("next", call.room));
  EXPECT_EQ(text_at(a.hear("room_closed"), "reason"), "next");
  EXPECT_EQ(text_at(b.hear("partner_left"), "reason"), "next");
  b.say(R"({"action":"find_match","policy":"any","wait":true})");
  EXPECT_TRUE(a.overhear(1s).empty()) << "the partner of a moment ago";
  Tab c = stage.v1(there(), cleo);
  c.say(R"({"action":"find_match","policy":"any","wait":true})");
  const std::string room = text_at(c.hear("match_found"), "room_id");
  EXPECT_NE(room, call.room);
  const bool met_ada = !a.overhear(200ms).empty();
  EXPECT_EQ(text_at((met_ada ? a : b).hear("match_found"), "room_id"), room);
}

TEST_F(V1DialogueTest, SaysWhyASingleSearchFindsNobody) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  a.say(R"({"action":"find_match","id":"f1"})");
  const json::object none = a.hear("no_match_found");
  EXPECT_EQ(text_at(none, "reason"), "empty_pool");
  EXPECT_EQ(text_at(none, "id"), "f1");
  EXPECT_TRUE(has(none, "seq"));
  Tab b = stage.v1(here(), bob);
  b.say(R"({"action":"find_match","wait":true,"policy":"any"})");
  EXPECT_TRUE(a.overhear(300ms).empty()) << "nobody is put into a call without asking";
  a.say(R"({"action":"find_match","wait":true,"timeout_ms":50,"policy":"strict","min_shared":10})");
  EXPECT_EQ(text_at(a.hear("no_match_found"), "reason"), "timeout");
}

TEST_F(V1DialogueTest, CancelsASearchAndSaysSoAlsoWhenNothingWaits) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  a.say(R"({"action":"cancel_match","id":"x1"})");
  EXPECT_EQ(text_at(a.hear("match_cancelled"), "id"), "x1");
  a.say(R"({"action":"find_match","wait":true})");
  a.say(R"({"action":"cancel_match","id":"x2"})");
  const json::object cancelled = a.hear("match_cancelled");
  EXPECT_EQ(text_at(cancelled, "id"), "x2");
  EXPECT_EQ(text_at(cancelled, "reason"), "cancelled");
  Tab b = stage.v1(here(), bob);
  b.say(R"({"action":"find_match","wait":true,"policy":"any"})");
  EXPECT_TRUE(b.overhear(500ms).empty()) << "who cancelled is in no pool";
}

TEST_F(V1DialogueTest, SearchesOnlyOutsideOfARoom) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(here(), bob);
  meet(a, b);
  a.say(R"({"action":"find_match","wait":true,"id":"f2"})");
  const json::object error = a.hear("error");
  EXPECT_EQ(text_at(error, "code"), "already_in_room");
  EXPECT_EQ(text_at(error, "id"), "f2");
}

TEST_F(V1DialogueTest, LetsASearchOfOneTabReplaceThatOfAnotherAndNeverPairsAPersonWithThemselves) {
  const Player ada = stage.guest(here());
  Tab a1 = stage.v1(here(), ada);
  Tab a2 = stage.v1(here(), ada);
  a1.say(R"({"action":"find_match","wait":true,"policy":"any"})");
  a1.settle();
  a2.say(R"({"action":"find_match","wait":true,"policy":"any"})");
  EXPECT_EQ(text_at(a1.hear("match_cancelled"), "reason"), "replaced");
  EXPECT_TRUE(a2.overhear(1s).empty()) << "never oneself";
}

TEST_F(V1DialogueTest, NeverPairsAPersonWithThemselvesOnAnotherProcess) {
  const Player ada = stage.guest(here());
  Tab a1 = stage.v1(here(), ada);
  Tab a2 = stage.v1(there(), ada);
  a1.say(R"({"action":"find_match","wait":true,"policy":"any"})");
  a1.settle();
  a2.say(R"({"action":"find_match","wait":true,"policy":"any"})");
  EXPECT_EQ(text_at(a1.hear("match_cancelled"), "reason"), "replaced");
  EXPECT_TRUE(a2.overhear(1s).empty());
}

TEST_F(V1DialogueTest, AnswersTheSameRequestFromMemory) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(here(), bob);
  const Call call = meet(a, b);
  json::object chat = in_room("chat_message", call.room);
  chat["text"] = "once";
  chat["id"] = "c1";
  a.say(chat);
  a.say(chat);
  EXPECT_EQ(a.hear_text(), a.hear_text());
  b.hear("chat_message");
  EXPECT_TRUE(b.overhear(100ms).empty()) << "executed twice";
}

TEST_F(V1DialogueTest, TakesATicketOnceAsAQueryOrInHello) {
  const Player ada = stage.guest(here());
  const auto ticket = [&] {
    const http::ClientResponse made =
        stage.call(here(), "POST", "/api/v1/ws-ticket", ada.headers());
    EXPECT_EQ(made.status, 201);
    return text_at(json::parse(made.body).as_object(), "ticket");
  };
  const std::string path = "/ws/matching/?ticket=" + ticket();
  EXPECT_EQ(stage.upgrade_status(there(), {}, "", path), 101);
  EXPECT_EQ(stage.upgrade_status(there(), {}, "", path), 403) << "good once";

  const json::object hello{{"action", "hello"}, {"token", ticket()}};
  Tab tab = stage.open(there(), {}, "seendr.v1");
  tab.say(hello);
  EXPECT_EQ(text_at(tab.hear("welcome").at("user").as_object(), "id"), ada.id);
  Tab again = stage.open(there(), {}, "seendr.v1");
  again.say(hello);
  EXPECT_EQ(again.closed(), 4501) << "good once";

  const std::string late = ticket();
  stage.call(here(), "POST", "/api/v1/auth/logout", ada.headers());
  EXPECT_EQ(stage.upgrade_status(here(), {}, "", "/ws/matching/?ticket=" + late), 403)
      << "a ticket does not outlive its session";
}

}  // namespace
}  // namespace seendr::test
