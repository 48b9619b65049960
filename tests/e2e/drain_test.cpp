// SIGTERM: everybody is sent elsewhere, one after the other, and no call is lost by it.
#include <algorithm>

#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

// Of 8 s people go in the first four fifths; a sixteenth of that is their start before the close.
constexpr Millis kWindow = 6000ms;
constexpr Millis kHeadStart = 400ms;

class DrainTest : public TwoServers {
 protected:
  using Time = std::chrono::steady_clock::time_point;

  static void SetUpTestSuite() {
    start_servers({"SEENDR_MATCH_ROOM_GRACE_MS=2000", "SEENDR_SERVER_DRAIN_MS=8000"});
  }

  static Millis since(Time began) {
    return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - began);
  }

  std::vector<Tab> people(const std::string& server, std::size_t count) {
    std::vector<Tab> tabs;
    for (std::size_t i = 0; i < count; ++i) tabs.push_back(stage.v1(server, stage.guest(server)));
    return tabs;
  }
};

TEST_F(DrainTest, GivesEachSocketAMomentOfItsOwnAndClosesItNotBefore) {
  ServeProcess leaving(backend());
  std::vector<Tab> tabs = people(leaving.url(), 4);
  const Time began = std::chrono::steady_clock::now();
  leaving.process().signal(SIGTERM);

  std::vector<std::pair<Millis, Tab*>> moments;
  for (Tab& tab : tabs) {
    const json::object away = tab.hear("go_away");
    EXPECT_EQ(text_at(away, "action"), "reconnect");
    moments.emplace_back(Millis(away.at("after_ms").as_int64()), &tab);
  }
  std::sort(moments.begin(), moments.end());
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const Millis quarter = kWindow / 4 * static_cast<int>(i);
    EXPECT_GE(moments[i].first, quarter) << "they are spread over the window";
    EXPECT_LT(moments[i].first, quarter + kWindow / 4);
  }
  for (const auto& [moment, tab] : moments) {
    EXPECT_EQ(tab->closed(), 1012);
    const Millis passed = since(began);
    EXPECT_GE(passed, moment + kHeadStart) << "closed before its time";
    EXPECT_LT(passed, moment + kHeadStart + 1400ms) << "closed with the others";
    if (tab != moments.back().second) moments.back().second->settle();  // Others are served on.
  }
  EXPECT_TRUE(leaving.process().wait(15s));
  EXPECT_EQ(leaving.process().exit_status(), 0);
}

TEST_F(DrainTest, EndsAtOnceAtASecondSignal) {
  ServeProcess leaving(backend());
  std::vector<Tab> tabs = people(leaving.url(), 2);
  leaving.process().signal(SIGTERM);
  for (Tab& tab : tabs) tab.hear("go_away");
  leaving.process().signal(SIGTERM);
  for (Tab& tab : tabs) EXPECT_EQ(tab.closed(2500ms), 1006) << "without a farewell";
  EXPECT_TRUE(leaving.process().wait(2500ms)) << "nothing is waited for any more";
}

TEST_F(DrainTest, KeepsARoomUntilThereIsSomewhereToComeBackTo) {
  ServeProcess leaving(backend());
  const auto [ada, bob] = pair_of_guests();
  auto [a, welcome] = stage.v1_welcomed(leaving.url(), ada);
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);
  for (Tab* tab : {&a, &b}) {
    tab->say(in_room("ice_servers", call.room));
    tab->hear("ice_servers");
  }
  const std::vector<Tab> late = people(leaving.url(), 7);  // Some of them stay for 5 s.
  leaving.process().signal(SIGTERM);
  a.hear("go_away");
  a.cut();

  EXPECT_EQ(text_at(b.hear("partner_state"), "state"), "reconnecting");
  EXPECT_TRUE(b.overhear(2500ms).empty()) << "nobody could come back in that time";
  Tab back = stage.v1(there(), ada, text_at(welcome, "resume_token"));
  EXPECT_EQ(text_at(back.hear("match_found"), "room_id"), call.room);
  EXPECT_EQ(text_at(b.hear("partner_state"), "state"), "reconnected");
}

}  // namespace
}  // namespace seendr::test
