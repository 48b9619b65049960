// What a killed process leaves behind in the groups of its people.
#include <algorithm>

#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

class KilledMemberTest : public TwoServers {
 protected:
  redis::Reply ask(redis::Command command) {
    return stage.redis(backend().redis().url(), std::move(command));
  }

  // The processes in the group of that person.
  std::vector<std::string> members(const Player& player) {
    const redis::Reply reply =
        ask(redis::Command("ZRANGE", "asgi:group:seendr.user." + player.id, 0, -1));
    std::vector<std::string> names;
    for (const redis::Reply& member : reply.as_array()) {
      names.push_back(member.text().substr(member.text().find('!') + 1));
    }
    return names;
  }
};

TEST_F(KilledMemberTest, LeavesTheGroupOnceItIsKnownToBeDead) {
  ServeProcess doomed(backend());
  const Player ada = stage.guest(here());
  Tab a = stage.v1(doomed.url(), ada);
  a.settle();
  ASSERT_EQ(members(ada).size(), 1u);
  const std::string dead = members(ada).front();
  doomed.kill9();

  Tab b = stage.v1(here(), ada);
  b.settle();
  EXPECT_EQ(members(ada).size(), 2u) << "it may just be slow";
  ask(redis::Command("HDEL", "seendr:app:hosts", dead));  // As when it has been silent for long.
  Tab c = stage.v1(there(), ada);

  EXPECT_TRUE(stage.until([&] {
    const std::vector<std::string> now = members(ada);
    return now.size() == 2 && std::find(now.begin(), now.end(), dead) == now.end();
  }));
}

TEST_F(KilledMemberTest, LeavesTheCallToThePageThatComesBackToIt) {
  ServeProcess doomed(backend());
  const auto [ada, bob] = pair_of_guests();
  auto [page, welcome] = stage.v1_welcomed(doomed.url(), ada);
  Tab b = stage.v1(there(), bob);
  const std::string room = meet(page, b).room;
  b.say(in_room("ice_servers", room));
  b.hear("ice_servers");
  Tab waiting = stage.article(here(), ada);
  doomed.kill9();
  EXPECT_TRUE(waiting.overhear(Millis(2200)).empty()) << "it is not that tab's call";

  Tab back = stage.v1(there(), ada, text_at(welcome, "resume_token"));
  EXPECT_EQ(text_at(back.hear("match_found"), "room_id"), room);
}

}  // namespace
}  // namespace seendr::test
