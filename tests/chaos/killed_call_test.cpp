// kill -9 of the process that holds one side of a call.
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

class KilledCallTest : public TwoServers {
 protected:
  static void SetUpTestSuite() { start_servers({"SEENDR_MATCH_ROOM_GRACE_MS=2000"}); }
};

TEST_F(KilledCallTest, TellsTheOtherSideAndEndsTheRoomWhenNobodyComesBack) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);
  first().kill9();
  EXPECT_EQ(text_at(b.hear("partner_state"), "state"), "reconnecting");
  const json::object left = b.hear("partner_left");
  EXPECT_EQ(text_at(left, "room_id"), call.room);
  EXPECT_EQ(text_at(left, "reason"), "timeout");
}

}  // namespace
}  // namespace seendr::test
