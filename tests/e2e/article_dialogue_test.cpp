// The dialogue of the article, byte for byte: what its browsers send, and what they may hear.
#include "support/app_servers.hpp"
#include "support/golden.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class ArticleDialogueTest : public TwoServers {
 protected:
  // An example of tests/golden/frames/article, without its end of line.
  static std::string golden(const std::string& name) {
    std::string text = read_file(std::string(SEENDR_SOURCE_DIR) + "/tests/golden/frames/article/" +
                                 name + ".json");
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }

  static std::string golden(const std::string& name, const std::string& room,
                            const std::string& partner) {
    std::string text = golden(name);
    text.replace(text.find("$ROOM"), 5, room);
    text.replace(text.find("$PARTNER"), 8, partner);
    return text;
  }

  static std::string room_in(const std::string& match_found) {
    return text_at(json::parse(match_found).as_object(), "room_id");
  }

  // The person's place in the pool, as Redis has it; empty without one.
  std::string record(const Player& player) {
    const redis::Reply reply = stage.redis(
        backend().redis().url(), redis::Command("HGET", "seendr:match:{all}:people", player.id));
    return reply.is_nil() ? "" : reply.text();
  }

  // Both hear of the same room and of one another, in exactly the words of the article.
  static void expect_pair(Tab& seeker_tab, const Player& seeker, Tab& other_tab,
                          const Player& other) {
    const std::string told = seeker_tab.hear_text();
    const std::string room = room_in(told);
    EXPECT_GE(room.size(), 20u) << "a room id that could be guessed: " << told;
    EXPECT_EQ(told, golden("match_found", room, other.id));
    EXPECT_EQ(other_tab.hear_text(), golden("match_found", room, seeker.id));
  }
};

TEST_F(ArticleDialogueTest, SaysNothingOnConnect) {
  const Player ada = stage.guest(here());
  Tab tab = stage.article(here(), ada);
  EXPECT_TRUE(tab.overhear(200ms).empty());
  EXPECT_TRUE(tab.open());
}

TEST_F(ArticleDialogueTest, TellsBothOfAMatchThatOneOfThemAskedFor) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.article(here(), ada);
  Tab b = stage.article(here(), bob);
  a.say(golden("find_match"));
  expect_pair(a, ada, b, bob);
  EXPECT_TRUE(a.overhear(100ms).empty()) << "one answer only";
}

TEST_F(ArticleDialogueTest, HasAPersonInThePoolBeforeTheirUpgradeIsAnswered) {
  for (int i = 0; i < 10; ++i) {
    const auto [ada, bob] = pair_of_guests();
    Tab a = stage.article(here(), ada);
    Tab b = stage.article(here(), bob);
    a.say(golden("find_match"));
    expect_pair(a, ada, b, bob);
  }
}

TEST_F(ArticleDialogueTest, KeepsNobodyMatchableWhoseUpgradeCameToNothing) {
  const auto [ada, bob] = pair_of_guests();
  stage.abandon_upgrade(here(), ada, backend().redis());
  EXPECT_TRUE(stage.until([&, &ada = ada] { return record(ada).starts_with("H|"); }))
      << record(ada);
  Tab b = stage.article(here(), bob);
  b.say(golden("find_match"));
  EXPECT_EQ(b.hear_text(), golden("no_match_found"));
}

TEST_F(ArticleDialogueTest, TellsBothWhenTheyAreOnDifferentProcesses) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.article(here(), ada);
  Tab b = stage.article(there(), bob);
  a.settle();
  b.settle();
  std::string told;
  // The process of the seeker hears of the other one through the log, which takes a moment.
  stage.until([&] {
    a.say(golden("find_match"));
    told = a.hear_text();
    return told != golden("no_match_found");
  });
  const std::string room = room_in(told);
  EXPECT_EQ(told, golden("match_found", room, bob.id));
  EXPECT_EQ(b.hear_text(), golden("match_found", room, ada.id));
}

TEST_F(ArticleDialogueTest, AnswersASeekerWhoIsAloneAtOnceAndLeavesThemMatchable) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.article(here(), ada);
  a.say(golden("find_match"));
  EXPECT_EQ(a.hear_text(), golden("no_match_found"));
  Tab b = stage.article(here(), bob);
  b.say(golden("find_match"));
  expect_pair(b, bob, a, ada);
}

TEST_F(ArticleDialogueTest, EchoesAnIdToTheOneWhoGaveIt) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.article(here(), ada);
  Tab b = stage.article(here(), bob);
  b.settle();
  a.say(R"({"action":"find_match","interests":[],"id":"c17"})");
  const std::string told = a.hear_text();
  EXPECT_EQ(told, golden("match_found_with_id", room_in(told), bob.id));
  EXPECT_EQ(b.hear_text(), golden("match_found", room_in(told), ada.id));
}

TEST_F(ArticleDialogueTest, AnswersMalformedJsonWithAnErrorAndKeepsTheSocket) {
  const Player ada = stage.guest(here());
  Tab a = stage.article(here(), ada);
  a.say(std::string(R"({"action":"find_match")"));
  EXPECT_EQ(a.hear_text(), golden("error_bad_json"));
  a.say(golden("find_match"));
  EXPECT_EQ(a.hear_text(), golden("no_match_found"));
}

TEST_F(ArticleDialogueTest, RepeatsTheMatchWhenASearchCrossesItOnTheWire) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.article(here(), ada);
  Tab b = stage.article(here(), bob);
  b.settle();
  a.say(golden("find_match"));
  const std::string found_a = a.hear_text();
  const std::string found_b = b.hear_text();
  b.say(golden("find_match"));
  a.say(golden("find_match"));
  EXPECT_EQ(b.hear_text(), found_b);
  EXPECT_EQ(a.hear_text(), found_a);
}

TEST_F(ArticleDialogueTest, LeavesTheRoomForALaterSearch) {
  const auto [ada, bob] = pair_of_guests();
  const Player cleo = stage.guest(here(), ada.language);
  Tab a = stage.article(here(), ada);
  Tab b = stage.article(here(), bob);
  b.settle();
  a.say(golden("find_match"));
  const std::string first = a.hear_text();
  b.hear_text();
  EXPECT_TRUE(a.overhear(1100ms).empty());
  Tab c = stage.article(here(), cleo);
  c.settle();
  a.say(golden("find_match"));
  const std::string second = a.hear_text();
  EXPECT_NE(room_in(second), room_in(first));
  EXPECT_EQ(second, golden("match_found", room_in(second), cleo.id));
  EXPECT_TRUE(b.overhear(100ms).empty()) << "the article knows no partner_left";
}

TEST_F(ArticleDialogueTest, IgnoresInterestsItDoesNotKnow) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.article(here(), ada);
  Tab b = stage.article(here(), bob);
  b.settle();
  a.say(R"({"action":"find_match","interests":["no-such-thing"]})");
  expect_pair(a, ada, b, bob);
}

TEST_F(ArticleDialogueTest, RefusesTheUpgradeWithoutASession) {
  EXPECT_EQ(stage.upgrade_status(here(), {}), 403);
  EXPECT_EQ(stage.upgrade_status(here(), {{"Cookie", "sessionid=nobody"}}), 403);
}

TEST_F(ArticleDialogueTest, TellsEveryTabOfTheMatchBecauseSeveralTabsAreOnePlace) {
  const auto [ada, bob] = pair_of_guests();
  Tab a1 = stage.article(here(), ada);
  Tab a2 = stage.article(here(), ada);
  a2.say(golden("find_match"));
  EXPECT_EQ(a2.hear_text(), golden("no_match_found")) << "nobody meets themselves";
  EXPECT_TRUE(a1.overhear(50ms).empty());
  Tab b = stage.article(here(), bob);
  b.say(golden("find_match"));
  const std::string found = b.hear_text();
  EXPECT_EQ(a1.hear_text(), golden("match_found", room_in(found), bob.id));
  EXPECT_EQ(a2.hear_text(), golden("match_found", room_in(found), bob.id));
}

TEST_F(ArticleDialogueTest, TakesAPersonOutOfThePoolWithTheirLastTab) {
  const auto [ada, bob] = pair_of_guests();
  Tab b = stage.article(here(), bob);
  {
    Tab a1 = stage.article(here(), ada);
    Tab a2 = stage.article(there(), ada);
    a1.settle();
    a2.settle();
    const std::string before = record(ada);
    EXPECT_FALSE(before.empty());
    a2.cut();
    a1.cut();
    // The server learns of the end of a connection a moment later.
    EXPECT_TRUE(stage.until([&, &ada = ada] { return record(ada) != before; }));
  }
  b.say(golden("find_match"));
  EXPECT_EQ(b.hear_text(), golden("no_match_found")) << "somebody who is gone was found";
}

TEST_F(ArticleDialogueTest, KeepsAPersonInThePoolWhileOneTabIsOpen) {
  const auto [ada, bob] = pair_of_guests();
  Tab a1 = stage.article(here(), ada);
  Tab a2 = stage.article(here(), ada);
  a1.cut();
  a2.settle();
  Tab b = stage.article(here(), bob);
  b.say(golden("find_match"));
  expect_pair(b, bob, a2, ada);
}

TEST_F(ArticleDialogueTest, CanBeMatchedOnceARoomOnAnotherProcessIsOver) {
  const auto [ada, bob] = pair_of_guests();
  Tab call = stage.v1(there(), ada);
  Tab b = stage.v1(there(), bob);
  const std::string room = meet(call, b).room;
  Tab a = stage.article(here(), ada);
  a.say(golden("find_match"));
  EXPECT_EQ(text_at(a.hear("error"), "code"), "already_in_room");
  b.say(in_room("leave_room", room));
  call.hear("partner_left");
  call.cut();

  const Player cleo = stage.guest(here(), ada.language);
  Tab c = stage.article(here(), cleo);
  std::string told;
  EXPECT_TRUE(stage.until([&] {
    c.overhear(200ms);  // Not as fast as the limit of frames.
    c.say(golden("find_match"));
    told = c.hear_text();
    return told != golden("no_match_found");
  }));
  EXPECT_EQ(told, golden("match_found", room_in(told), ada.id));
  EXPECT_EQ(a.hear_text(), golden("match_found", room_in(told), cleo.id));
}

TEST_F(ArticleDialogueTest, LeavesACallToThePageThatComesBackToIt) {
  const auto [ada, bob] = pair_of_guests();
  auto [page, welcome] = stage.v1_welcomed(there(), ada);
  Tab b = stage.v1(there(), bob);
  const std::string room = meet(page, b).room;
  Tab waiting = stage.article(here(), ada);
  page.cut();
  EXPECT_EQ(text_at(b.hear("partner_state"), "state"), "reconnecting");
  EXPECT_TRUE(waiting.overhear(2200ms).empty()) << "it is not that tab's call";
  Tab back = stage.v1(there(), ada, text_at(welcome, "resume_token"));
  EXPECT_EQ(text_at(back.hear("match_found"), "room_id"), room);
}

TEST_F(ArticleDialogueTest, MeetsPeopleOfTheNewerProtocolInTheSamePool) {
  const auto [ada, bob] = pair_of_guests();
  Tab b = stage.v1(there(), bob);
  b.say(R"({"action":"find_match","policy":"any","wait":true})");
  Tab a = stage.article(here(), ada);
  const json::object found = b.hear("match_found");
  EXPECT_EQ(a.hear_text(), golden("match_found", text_at(found, "room_id"), bob.id));
}

}  // namespace
}  // namespace seendr::test
