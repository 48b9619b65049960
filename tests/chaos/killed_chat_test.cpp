// What one says while the process of the other dies is kept for when they are back.
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class KilledChatTest : public TwoServers {
 protected:
  static void SetUpTestSuite() { start_servers({"SEENDR_MATCH_ROOM_GRACE_MS=12000"}); }

  static void chat(Tab& tab, const std::string& room, const std::string& text) {
    json::object message = in_room("chat_message", room);
    message["text"] = text;
    message["client_msg_id"] = text;
    tab.say(message);
    EXPECT_EQ(text_at(tab.hear("message_ack"), "client_msg_id"), text);
  }

  // Ada here and Bob on a process that is to die, in a call that both have entered.
  struct Doomed {
    Player bob;
    std::string token;
    std::string room;
    Tab a;
    Tab b;
  };
  Doomed call_with(ServeProcess& doomed) {
    const auto [ada, bob] = pair_of_guests();
    Tab a = stage.v1(here(), ada);
    auto [b, welcome] = stage.v1_welcomed(doomed.url(), bob);
    const Call call = meet(a, b);
    for (Tab* tab : {&a, &b}) {
      tab->say(in_room("ice_servers", call.room));
      tab->hear("ice_servers");
    }
    chat(a, call.room, "hello");
    b.hear("chat_message");
    chat(b, call.room, "hi");  // Comes after the receipt of "hello", which is not sent again then.
    a.hear("chat_message");
    return {bob, text_at(welcome, "resume_token"), call.room, a, b};
  }

  // Bob hears these and nothing else.
  static void expect_chat(Tab& back, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      EXPECT_EQ(text_at(back.hear("chat_message"), "text"), text);
    }
  }
};

TEST_F(KilledChatTest, IsKeptBeforeAndAfterTheEndOfTheProcessWasNoticed) {
  ServeProcess doomed(backend());
  Doomed call = call_with(doomed);
  doomed.kill9();
  chat(call.a, call.room, "unnoticed");
  EXPECT_EQ(text_at(call.a.hear("partner_state"), "state"), "reconnecting");
  chat(call.a, call.room, "noticed");
  json::object renew = in_room("signal", call.room);
  renew["renew"] = true;
  call.a.say(renew);
  call.a.settle();

  Tab back = stage.v1(there(), call.bob, call.token);
  EXPECT_EQ(text_at(back.hear("match_found"), "room_id"), call.room);
  expect_chat(back, {"unnoticed", "noticed"});
  EXPECT_TRUE(has(back.hear("signal"), "renew"));
  EXPECT_EQ(text_at(call.a.hear("partner_state"), "state"), "reconnected");
  chat(call.a, call.room, "again");
  expect_chat(back, {"again"});
  EXPECT_TRUE(back.overhear(300ms).empty()) << "once each";
}

TEST_F(KilledChatTest, IsKeptWhenTheProcessDiesThatWaitedForTheOther) {
  ServeProcess doomed(backend());
  Doomed call = call_with(doomed);
  call.b.cut();
  EXPECT_EQ(text_at(call.a.hear("partner_state"), "state"), "reconnecting");
  chat(call.a, call.room, "are you there?");
  doomed.kill9();

  Tab back = stage.v1(there(), call.bob, call.token);
  EXPECT_EQ(text_at(back.hear("match_found"), "room_id"), call.room);
  expect_chat(back, {"are you there?"});
  EXPECT_TRUE(back.overhear(300ms).empty()) << "once";
}

}  // namespace
}  // namespace seendr::test
