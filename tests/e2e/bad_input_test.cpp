// What strangers and enemies send: it is answered, it hurts nobody, and the server goes on.
#include "auth/sessions.hpp"
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> kAttacks = {
    "'; drop table users; --",     "1 or 1=1", "\" or \"\"=\"", "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",      "%00",      "{{7*7}}",       "<script>alert(1)</script>",
    "\r\nSet-Cookie: sessionid=x", "seendr:*",
};

std::string percent(const std::string& text) {
  constexpr const char* kHex = "0123456789ABCDEF";
  std::string out;
  for (const unsigned char c : text) {
    if (std::isalnum(c) != 0) {
      out += static_cast<char>(c);
    } else {
      out += {'%', kHex[c >> 4], kHex[c & 15]};
    }
  }
  return out;
}

class BadInputTest : public TwoServers {
 protected:
  // Everything still works for everybody else.
  void expect_well() {
    EXPECT_EQ(stage.call(here(), "GET", "/readyz").status, 200);
    stage.guest(here());
  }

  http::ClientResponse send(const std::string& method, const std::string& path,
                            const json::value& body, http::Headers headers) {
    headers.add("Content-Type", "application/json");
    return stage.call(here(), method, path, std::move(headers), json::serialize(body));
  }

  static std::string error_code(Tab& tab) { return text_at(tab.hear("error"), "code"); }
};

TEST_F(BadInputTest, AnswersEveryWrongFrameWithAnErrorAndKeepsTheSocket) {
  const Player ada = stage.guest(here());
  Tab tab = stage.v1(here(), ada);
  const std::vector<std::pair<std::string, std::string>> frames = {
      {"{", "bad_json"},
      {"", "bad_json"},
      {"[1,2]", "bad_request"},
      {R"({"action":7})", "bad_request"},
      {R"({})", "bad_request"},
      {R"({"action":"fly"})", "unknown_action"},
      {R"({"action":"call_stats"})", "unknown_action"},
      {R"({"action":"find_match","interests":"music"})", "bad_request"},
      {R"({"action":"find_match","interests":[1]})", "bad_request"},
      {R"({"action":"find_match","wait":"yes"})", "bad_request"},
      {R"({"action":"find_match","min_shared":11})", "bad_request"},
      {R"({"action":"find_match","policy":"maybe"})", "bad_request"},
      {R"({"action":"find_match","languages":["x y"]})", "bad_request"},
      {R"({"action":"find_match","interests":["1","2","3","4","5","6","7","8","9","10","11"]})",
       "bad_request"},
      {R"({"action":"find_match","interests":["no-such-thing"]})", "bad_request"},
      {R"({"action":"signal","room_id":"x"})", "bad_request"},
      {R"({"action":"signal","room_id":"x","candidate":null})", "not_in_room"},
      {R"({"action":"chat_message","room_id":"x","text":"hello"})", "not_in_room"},
      {R"({"action":"leave_room","room_id":"x"})", "not_in_room"},
      {R"({"action":"next","room_id":"x"})", "not_in_room"},
      {R"({"action":"ice_servers","room_id":"x"})", "not_in_room"},
      {R"({"action":"block","user_id":"x"})", "not_found"},
      {R"({"action":"hello"})", "bad_request"},
  };
  for (const auto& [frame, code] : frames) {
    tab.say(frame);
    const json::object error = tab.hear("error");
    EXPECT_EQ(text_at(error, "code"), code) << frame;
  }
  tab.say(R"({"action":"find_match","interests":["no-such-thing"],"id":"i1"})");
  const json::object named = tab.hear("error");
  EXPECT_NE(text_at(named, "message").find("no-such-thing"), std::string::npos);
  EXPECT_EQ(text_at(named, "id"), "i1");
  tab.settle();
}

TEST_F(BadInputTest, AnswersWrongFramesOfTheArticleWithAnErrorToo) {
  Tab tab = stage.article(here(), stage.guest(here()));
  tab.say(R"({"action":"find_match","interests":["1","2","3","4","5","6","7","8","9","10","11"]})");
  EXPECT_EQ(error_code(tab), "bad_request");
  tab.say(R"({"action":"signal","room_id":"x","candidate":null})");
  EXPECT_EQ(error_code(tab), "unknown_action");
  tab.say(R"({"action":"find_match","interests":["no-such-thing"]})");
  EXPECT_EQ(tab.hear_text(), R"({"type":"no_match_found"})");
}

TEST_F(BadInputTest, PassesNoSignalIntoARoomOfOthers) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);
  Tab eve = stage.v1(here(), stage.guest(here()));
  json::object signal = in_room("signal", call.room);
  signal["candidate"] = nullptr;
  eve.say(signal);
  EXPECT_EQ(error_code(eve), "not_in_room");
  eve.say(in_room("leave_room", call.room));
  EXPECT_EQ(error_code(eve), "not_in_room");
  EXPECT_TRUE(a.overhear(100ms).empty());
  EXPECT_TRUE(b.overhear(100ms).empty());
}

TEST_F(BadInputTest, SaysTooLargeForAFieldAndClosesForAFrame) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(here(), bob);
  const Call call = meet(a, b);
  json::object chat = in_room("chat_message", call.room);
  chat["text"] = std::string(2001, 'x');
  a.say(chat);
  EXPECT_EQ(error_code(a), "too_large");
  json::object signal = in_room("signal", call.room);
  signal["description"] = json::object{{"type", "offer"}, {"sdp", std::string(33'000, 'x')}};
  a.say(signal);
  EXPECT_EQ(error_code(a), "too_large");
  a.say(std::string(70'000, 'x'));
  EXPECT_EQ(a.closed(), 1009);
}

TEST_F(BadInputTest, RefusesASessionThatHasEnded) {
  const Player ada = stage.guest(here());
  const std::string key = "seendr:auth:session:" + auth::session_hash(SessionId{ada.session});
  EXPECT_EQ(stage.redis(backend().redis().url(), redis::Command("DEL", key)).as_int(), 1);
  EXPECT_EQ(stage.upgrade_status(here(), ada.headers()), 403);
  EXPECT_EQ(stage.call(here(), "GET", "/api/v1/me", ada.headers()).status, 401);
  Tab tab = stage.open(here(), ada.headers(), "seendr.v1");
  tab.say(R"({"action":"hello"})");
  EXPECT_EQ(tab.closed(), 4501);
}

TEST_F(BadInputTest, RefusesForeignOrigins) {
  const Player ada = stage.guest(here());
  http::Headers foreign = ada.headers();
  foreign.add("Origin", "https://evil.example");
  EXPECT_EQ(stage.upgrade_status(here(), foreign), 403);
  EXPECT_EQ(stage.upgrade_status(here(), foreign, "seendr.v1"), 403);
  EXPECT_EQ(stage.call(here(), "POST", "/api/v1/ws-ticket", foreign).status, 403);
  EXPECT_EQ(send("PATCH", "/api/v1/me", json::object{}, foreign).status, 403);
  http::Headers cross = ada.headers();
  cross.add("Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(stage.call(here(), "POST", "/api/v1/ws-ticket", cross).status, 403);
  http::Headers own = ada.headers();
  own.add("Origin", here().substr(0, here().size() - 1));
  EXPECT_EQ(stage.upgrade_status(here(), own), 101);
  EXPECT_EQ(stage.call(here(), "POST", "/api/v1/ws-ticket", own).status, 201);
}

TEST_F(BadInputTest, PassesAttacksInARoomOnAsTheTextTheyAre) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);
  for (const std::string& attack : kAttacks) {
    json::object chat = in_room("chat_message", call.room);
    chat["text"] = attack;
    a.say(chat);
    EXPECT_EQ(text_at(b.hear("chat_message"), "text"), attack);
    a.hear("message_ack");
    json::object offer = in_room("signal", call.room);
    offer["description"] = json::object{{"type", "offer"}, {"sdp", attack}};
    a.say(offer);
    const json::object signal = b.hear("signal");
    EXPECT_EQ(text_at(signal.at("description").as_object(), "sdp"), attack);
    json::object next = in_room("next", call.room);
    next["interests"] = json::array{json::string(attack)};
    a.say(next);
    EXPECT_EQ(error_code(a), "bad_request") << attack;
    a.say(in_room("signal", attack));
    EXPECT_NE(error_code(a), "internal") << attack;
  }
  expect_well();
}

TEST_F(BadInputTest, TreatsAttacksInEveryParameterAsText) {
  const Player ada = stage.guest(here());
  Tab tab = stage.v1(here(), ada);
  for (const std::string& attack : kAttacks) {
    const std::string in_path = percent(attack);
    for (const std::string& target :
         {"/api/v1/interests?prefix=" + in_path, "/api/v1/interests?prefix=a&lang=" + in_path,
          "/api/v1/blocks/" + in_path, "/" + in_path, "/api/v1/" + in_path,
          "/readyz?x=" + in_path}) {
      const bool block = target.find("/blocks/") != std::string::npos;
      const http::ClientResponse got =
          stage.call(here(), block ? "DELETE" : "GET", target, ada.headers());
      EXPECT_LT(got.status, 500) << target << " " << got.body;
      EXPECT_EQ(got.body.find("root:"), std::string::npos) << target;
    }
    const json::object everywhere{{"email", attack},        {"password", attack},
                                  {"display_name", attack}, {"region", attack},
                                  {"languages", {attack}},  {"interests", {attack}}};
    for (const char* path : {"guest", "register", "login"}) {
      EXPECT_EQ(send("POST", std::string("/api/v1/auth/") + path, everywhere, {}).status / 100, 4)
          << path << " " << attack;
    }
    EXPECT_EQ(send("PATCH", "/api/v1/me", everywhere, ada.headers()).status, 400) << attack;
    EXPECT_EQ(send("PUT", "/api/v1/me/interests", everywhere, ada.headers()).status, 422) << attack;
    EXPECT_EQ(stage.upgrade_status(here(), {}, "", "/ws?ticket=" + in_path) / 100, 4) << attack;
    json::object search{{"action", "find_match"}};
    for (const char* field : {"interests", "languages", "regions"}) {
      json::object wrong = search;
      wrong[field] = json::array{json::string(attack)};
      tab.say(wrong);
      EXPECT_EQ(error_code(tab), "bad_request") << field << " " << attack;
    }
    json::object block{{"action", "block"}, {"user_id", attack}};
    tab.say(block);
    EXPECT_EQ(error_code(tab), "not_found") << attack;
  }
  EXPECT_NE(backend().database().execute("select count(*) from users"), "0");
  expect_well();
}

}  // namespace
}  // namespace seendr::test
