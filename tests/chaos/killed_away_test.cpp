// kill -9 of the process of somebody who was away at that moment: the other side waits no longer
// for it than for anybody who is away.
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

constexpr Millis kGrace = 6000ms;

class KilledAwayTest : public TwoServers {
 protected:
  static void SetUpTestSuite() { start_servers({"SEENDR_MATCH_ROOM_GRACE_MS=6000"}); }

  // Both are in the room: no no-show ends it.
  static void enter(Tab& one, Tab& other, const std::string& room) {
    for (Tab* tab : {&one, &other}) {
      tab->say(in_room("ice_servers", room));
      tab->hear("ice_servers");
    }
  }
};

TEST_F(KilledAwayTest, TellsWhoStayedWithinTheGraceOfTheLoss) {
  ServeProcess doomed(backend());
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(doomed.url(), ada);
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);
  enter(a, b, call.room);
  a.cut();
  EXPECT_EQ(text_at(b.hear("partner_state"), "state"), "reconnecting");
  const auto lost = std::chrono::steady_clock::now();
  doomed.kill9();

  const json::object left = b.hear("partner_left", kGrace + 10s);
  const auto waited = std::chrono::steady_clock::now() - lost;
  EXPECT_EQ(text_at(left, "room_id"), call.room);
  EXPECT_EQ(text_at(left, "reason"), "timeout");
  EXPECT_GT(waited, kGrace - 500ms) << "the grace belongs to who is away";
  EXPECT_LT(waited, kGrace + 2s) << "and is not begun again by the end of the process";
}

TEST_F(KilledAwayTest, TellsOfTheEndOfTheProcessThatThePartnerMovedTo) {
  ServeProcess doomed(backend());
  const auto [ada, bob] = pair_of_guests();
  auto [a, welcome] = stage.v1_welcomed(here(), ada);
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);
  enter(a, b, call.room);
  a.cut();
  EXPECT_EQ(text_at(b.hear("partner_state"), "state"), "reconnecting");
  Tab back = stage.v1(doomed.url(), ada, text_at(welcome, "resume_token"));
  back.hear("match_found");
  EXPECT_EQ(text_at(b.hear("partner_state"), "state"), "reconnected");
  doomed.kill9();

  EXPECT_EQ(text_at(b.hear("partner_state"), "state"), "reconnecting");
  EXPECT_EQ(text_at(b.hear("partner_left", kGrace + 10s), "room_id"), call.room);
}

}  // namespace
}  // namespace seendr::test
