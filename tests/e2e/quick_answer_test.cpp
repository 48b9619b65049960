// A process asks the others for a person's seat, and one answers before Redis has confirmed to the
// first that the question was sent.
#include "support/app_servers.hpp"
#include "support/redis_gate.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class QuickAnswerTest : public TwoServers {};

TEST_F(QuickAnswerTest, IsHeardLikeAnyOther) {
  TempFolder folder;
  RedisGate gate(folder.path() + "/gate", backend().redis().url().path);
  backend().redis_through(gate.url());
  ServeProcess asking(backend());
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);

  gate.let_overtake("seendr.arriving", "seendr.seat");
  Tab second = stage.v1(asking.url(), ada);
  EXPECT_TRUE(second.overhear(1000ms).empty()) << "the first tab has the seat, in use";
  EXPECT_TRUE(gate.overtaken());
  json::object typing = in_room("typing", call.room);
  typing["active"] = true;
  a.say(typing);
  b.hear("typing");
}

}  // namespace
}  // namespace seendr::test
