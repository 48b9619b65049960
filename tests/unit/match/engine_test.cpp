#include "match/engine.hpp"

#include <gtest/gtest.h>

namespace seendr::match {
namespace {

using namespace std::chrono_literals;
using Interests = std::vector<std::uint32_t>;

// A pool of people who are described in one line each.
class EngineTest : public testing::Test {
 protected:
  static Attributes attributes(std::string_view changes = "") {
    std::string text = "lang=en;age=adult";
    if (changes.find("lang=") != std::string_view::npos) text = "age=adult";
    if (!changes.empty()) text += ';';
    return parse_attributes(text + std::string(changes)).value();
  }

  static Ticket ticket(std::int64_t user, std::uint64_t version, Interests interests,
                       std::string_view changes = "") {
    Ticket out;
    out.user = UserId{user};
    out.version = LogId{1, version};
    out.instance = "here";
    out.t0_ms = static_cast<std::int64_t>(1000 + version);
    out.attributes = attributes(changes);
    out.interests = std::move(interests);
    return out;
  }

  LogId version_of(std::int64_t user) const { return engine_.find(UserId{user})->version; }

  // The winner's id, 0 for nobody.
  std::int64_t best(const Interests& interests, int need = 0, std::string_view changes = "") const {
    const Attributes who = attributes(changes);
    const Seeker seeker{UserId{1}, &who, &interests, need, Profile::count, &blocked_, &recent_};
    const std::optional<Candidate> found = engine_.best(seeker);
    return found ? found->user.value : 0;
  }

  Survey survey() const {
    const Attributes who = attributes();
    const Interests none;
    return engine_.survey(Seeker{UserId{1}, &who, &none, 0, Profile::count, &blocked_, &recent_});
  }

  Engine engine_;
  People blocked_;
  People recent_;
};

TEST_F(EngineTest, FindsNobodyInAnEmptyPool) {
  EXPECT_EQ(best({5}), 0);
}

TEST_F(EngineTest, NeverFindsTheSeeker) {
  engine_.insert(ticket(1, 1, {5}));

  EXPECT_EQ(best({5}), 0);
}

TEST_F(EngineTest, PrefersMoreSharedInterests) {
  engine_.insert(ticket(2, 1, {5}));
  engine_.insert(ticket(3, 2, {5, 6}));

  EXPECT_EQ(best({5, 6, 7}), 3);
}

TEST_F(EngineTest, TellsWhatIsSharedAndTheScore) {
  engine_.insert(ticket(2, 7, {9, 5, 6}, "reg=eu;act=1"));
  const Attributes who = attributes("reg=eu");
  const Interests interests{9, 6, 8};

  const std::optional<Candidate> found =
      engine_.best(Seeker{UserId{1}, &who, &interests, 0, Profile::count, nullptr, nullptr});

  ASSERT_TRUE(found);
  EXPECT_EQ(found->version, (LogId{1, 7}));
  EXPECT_EQ(found->instance, "here");
  EXPECT_EQ(found->shared, (Interests{6, 9}));
  EXPECT_EQ(found->score, 4 + 4 + 2 + 1);
}

TEST_F(EngineTest, CountsARareInterestMore) {
  for (std::int64_t user = 10; user < 60; ++user) {
    engine_.insert(ticket(user, static_cast<std::uint64_t>(user), {1}));
  }
  engine_.insert(ticket(70, 70, {2}));
  const Attributes who = attributes();
  const Interests interests{1, 2};

  const Seeker seeker{UserId{1}, &who, &interests, 0, Profile::rarity, nullptr, nullptr};

  EXPECT_EQ(engine_.best(seeker)->user, UserId{70});
  EXPECT_EQ(best(interests), 10);
}

TEST_F(EngineTest, GivesTiesToWhoeverWaitsLongest) {
  engine_.insert(ticket(2, 2, {5}));
  engine_.insert(ticket(3, 1, {5}));
  Ticket moved = ticket(4, 9, {5});
  moved.t0_ms = 500;

  EXPECT_EQ(best({5}), 3);
  engine_.insert(moved);
  EXPECT_EQ(best({5}), 4);
}

TEST_F(EngineTest, AsksForAsManySharedInterestsAsNeeded) {
  engine_.insert(ticket(2, 1, {5, 6}));

  EXPECT_EQ(best({5, 6, 7}, 2), 2);
  EXPECT_EQ(best({5, 6, 7}, 3), 0);
}

TEST_F(EngineTest, TakesTheLongestWaitingWhenNobodySharesAndNothingIsNeeded) {
  engine_.insert(ticket(2, 1, {5}, "act=0"));
  engine_.insert(ticket(3, 2, {6}, "reg=eu;act=1"));

  EXPECT_EQ(best({7}, 0, "reg=eu"), 2);
  EXPECT_EQ(best({7}, 1), 0);
}

TEST_F(EngineTest, RespectsTheMinimumOfAStrictPersonWhoeverSearches) {
  engine_.insert(ticket(2, 1, {5, 6}, "pol=strict;min=2"));

  EXPECT_EQ(best({7}), 0);
  EXPECT_EQ(best({5}), 0);
  EXPECT_EQ(best({5, 6}), 2);
}

TEST_F(EngineTest, IgnoresTheMinimumOfAPersonWhoIsNotStrict) {
  engine_.insert(ticket(2, 1, {5, 6}, "pol=prefer;min=2"));

  EXPECT_EQ(best({7}), 2);
}

TEST_F(EngineTest, LeavesOutTheBlockedAndTheRecent) {
  engine_.insert(ticket(2, 1, {5, 6, 7}));
  engine_.insert(ticket(3, 2, {5, 6}));
  engine_.insert(ticket(4, 3, {5}));
  blocked_ = {UserId{2}};
  recent_ = {UserId{3}};

  EXPECT_EQ(best({5, 6, 7}), 4);
  blocked_.insert(UserId{4});
  EXPECT_EQ(best({5, 6, 7}), 0);
}

TEST_F(EngineTest, GivesTheRunnerUpWhenTheWinnerIsGone) {
  engine_.insert(ticket(2, 1, {5, 6, 7}));
  engine_.insert(ticket(3, 2, {5, 6}));
  engine_.insert(ticket(4, 3, {5}));

  EXPECT_EQ(best({5, 6, 7}), 2);
  EXPECT_TRUE(engine_.remove(UserId{2}, LogId{1, 1}));
  EXPECT_EQ(best({5, 6, 7}), 3);
  EXPECT_TRUE(engine_.remove(UserId{3}, LogId{1, 2}));
  EXPECT_EQ(best({5, 6, 7}), 4);
}

TEST_F(EngineTest, IsNotMovedByAWorseTicket) {
  engine_.insert(ticket(2, 1, {5, 6}));

  engine_.insert(ticket(3, 2, {5}));
  engine_.insert(ticket(4, 3, {5, 6}));
  engine_.insert(ticket(5, 4, {5, 6, 7}, "lang=fr"));

  EXPECT_EQ(best({5, 6, 7}), 2);
}

TEST_F(EngineTest, KeepsThePlaceOfAHeldTicket) {
  engine_.insert(ticket(2, 1, {5}));
  engine_.insert(ticket(3, 2, {5}));

  EXPECT_TRUE(engine_.hold(UserId{2}, LogId{1, 1}));
  EXPECT_TRUE(engine_.find(UserId{2})->held);
  EXPECT_EQ(best({5}), 3);
  EXPECT_TRUE(engine_.release(UserId{2}, LogId{1, 1}));
  EXPECT_EQ(best({5}), 2);
}

TEST_F(EngineTest, DoesNotOfferAReservedTicketAgain) {
  engine_.insert(ticket(2, 1, {5}));

  EXPECT_TRUE(engine_.reserve(UserId{2}, LogId{1, 1}));
  EXPECT_EQ(best({5}), 0);
  EXPECT_FALSE(engine_.is_offered(UserId{2}));
  EXPECT_TRUE(engine_.unreserve(UserId{2}, LogId{1, 1}));
  EXPECT_EQ(best({5}), 2);
}

TEST_F(EngineTest, ForgetsADoubtWhenTheLogSpeaks) {
  engine_.insert(ticket(2, 1, {5}));
  engine_.reserve(UserId{2}, LogId{1, 1});

  EXPECT_TRUE(engine_.doubt(UserId{2}, LogId{1, 1}));
  EXPECT_EQ(best({5}), 0);
  engine_.hold(UserId{2}, LogId{1, 1});
  EXPECT_EQ(best({5}), 0);
  engine_.release(UserId{2}, LogId{1, 1});
  EXPECT_EQ(best({5}), 2);

  engine_.doubt(UserId{2}, LogId{1, 1});
  engine_.insert(ticket(2, 3, {5}));
  EXPECT_EQ(best({5}), 2);
}

TEST_F(EngineTest, DoesNotOfferPeopleOfADeadProcess) {
  engine_.insert(ticket(2, 1, {5}));

  engine_.set_host_alive("here", false);
  engine_.insert(ticket(3, 2, {5}));
  EXPECT_EQ(best({5}), 0);
  EXPECT_EQ(engine_.tickets_of("here", 1), (std::vector{std::pair(UserId{2}, LogId{1, 1})}));
  EXPECT_EQ(engine_.tickets_of("here", 9).size(), 2U);
  EXPECT_TRUE(engine_.tickets_of("there", 9).empty());

  engine_.set_host_alive("here", true);
  EXPECT_EQ(best({5}), 2);
}

TEST_F(EngineTest, KeepsOneTicketAPersonTheLatest) {
  EXPECT_EQ(engine_.insert(ticket(2, 4, {5})), Inserted::added);
  EXPECT_EQ(engine_.insert(ticket(2, 4, {6})), Inserted::stale);
  EXPECT_EQ(engine_.insert(ticket(2, 3, {6})), Inserted::stale);
  EXPECT_EQ(version_of(2), (LogId{1, 4}));
  EXPECT_EQ(engine_.insert(ticket(2, 5, {6})), Inserted::replaced);

  EXPECT_EQ(engine_.size(), 1U);
  EXPECT_EQ(best({5}, 1), 0);
  EXPECT_EQ(best({6}, 1), 2);
}

TEST_F(EngineTest, LeavesATicketAloneThatIsNotOfThatVersion) {
  engine_.insert(ticket(2, 4, {5}));

  EXPECT_FALSE(engine_.remove(UserId{2}, LogId{1, 3}));
  EXPECT_FALSE(engine_.hold(UserId{2}, LogId{1, 5}));
  EXPECT_FALSE(engine_.release(UserId{2}, LogId{1, 5}));
  EXPECT_FALSE(engine_.reserve(UserId{2}, LogId{2, 4}));
  EXPECT_FALSE(engine_.unreserve(UserId{3}, LogId{1, 4}));
  EXPECT_FALSE(engine_.doubt(UserId{3}, LogId{1, 4}));
  EXPECT_EQ(best({5}), 2);
}

TEST_F(EngineTest, RemovesWhatIsOlderThanAClaim) {
  engine_.insert(ticket(2, 4, {5}));

  EXPECT_FALSE(engine_.remove_before(UserId{2}, LogId{1, 4}));
  EXPECT_FALSE(engine_.remove_before(UserId{3}, LogId{1, 9}));
  EXPECT_TRUE(engine_.remove_before(UserId{2}, LogId{1, 5}));
  EXPECT_EQ(engine_.find(UserId{2}), nullptr);
}

TEST_F(EngineTest, CountsWhatEachRuleExcludes) {
  engine_.insert(ticket(1, 1, {5}));
  engine_.insert(ticket(2, 2, {5}));
  engine_.insert(ticket(3, 3, {}, "lang=fr"));
  engine_.insert(ticket(4, 4, {}, "mode=text"));
  engine_.insert(ticket(5, 5, {}));
  engine_.insert(ticket(6, 6, {}));
  engine_.hold(UserId{6}, LogId{1, 6});
  blocked_ = {UserId{5}, UserId{3}, UserId{99}};
  recent_ = {UserId{5}, UserId{6}};

  const Survey found = survey();

  EXPECT_EQ(found.candidates, 1U);
  const std::map<Rule, std::size_t> expected{
      {Rule::language, 1}, {Rule::mode, 1}, {Rule::blocked, 1}, {Rule::unavailable, 1}};
  EXPECT_EQ(found.excluded, expected);
}

TEST_F(EngineTest, ExplainsWhySomebodyIsNoCandidate) {
  engine_.insert(ticket(2, 1, {5, 6}, "lang=fr"));
  engine_.insert(ticket(3, 2, {5}, "pol=strict;min=2"));
  const Attributes who = attributes();
  const Interests interests{5, 6};
  const Seeker seeker{UserId{1}, &who, &interests, 0, Profile::count, nullptr, nullptr};

  EXPECT_EQ(engine_.explain(seeker, UserId{2})->excluded, Rule::language);
  EXPECT_EQ(engine_.explain(seeker, UserId{2})->score.total(), 8);
  EXPECT_EQ(engine_.explain(seeker, UserId{3})->excluded, Rule::shared_interests);
  EXPECT_EQ(engine_.explain(seeker, UserId{4}), std::nullopt);
}

TEST_F(EngineTest, CountsWhoSearchesForAnInterest) {
  engine_.insert(ticket(2, 1, {5, 6}, "act=1"));
  engine_.insert(ticket(3, 2, {5}, "act=1"));
  engine_.insert(ticket(4, 3, {5}, "act=0"));

  EXPECT_EQ(engine_.searching(), 2U);
  EXPECT_EQ(engine_.searching(5), 2U);
  EXPECT_EQ(engine_.searching(9), 0U);
  EXPECT_EQ(engine_.searching_by_interest(),
            (std::map<std::uint32_t, std::size_t>{{5, 2}, {6, 1}}));
  engine_.remove(UserId{2}, LogId{1, 1});
  EXPECT_EQ(engine_.searching_by_interest(), (std::map<std::uint32_t, std::size_t>{{5, 1}}));
}

TEST_F(EngineTest, CountsTheCrowdThatSpeaksALanguageOfTheSeeker) {
  engine_.insert(ticket(1, 1, {}, "lang=en"));
  engine_.insert(ticket(2, 2, {}, "lang=en,fr"));
  engine_.insert(ticket(3, 3, {}, "lang=fr,en"));
  engine_.insert(ticket(4, 4, {}, "lang=fr"));
  engine_.insert(ticket(5, 5, {}, "lang=en"));
  engine_.hold(UserId{5}, LogId{1, 5});
  for (const std::string_view lang : {"lang=en", "lang=en,fr", "lang=fr,en", "lang=fr"}) {
    engine_.note_arrival(attributes(lang), 1000);
  }

  const Crowd english = engine_.crowd(UserId{1}, attributes("lang=en"), 1000);
  const Crowd both = engine_.crowd(UserId{1}, attributes("lang=en,fr"), 1000);

  EXPECT_EQ(english.others, 2U);
  EXPECT_DOUBLE_EQ(english.joins_per_s, 3 / 5.0);
  EXPECT_EQ(both.others, 3U);
  EXPECT_DOUBLE_EQ(both.joins_per_s, 4 / 5.0);
  EXPECT_EQ(engine_.crowd(UserId{9}, attributes("lang=de"), 1000).others, 0U);
}

TEST_F(EngineTest, KeepsTheRateOfALanguageThatNobodyWaitsIn) {
  engine_.note_arrival(attributes("lang=en"), 1000);

  EXPECT_GT(engine_.crowd(UserId{1}, attributes("lang=en"), 1001).joins_per_s, 0.19);
  EXPECT_EQ(engine_.crowd(UserId{1}, attributes("lang=fr"), 1001).joins_per_s, 0);
}

TEST_F(EngineTest, DoesNotGrowWithTheVarietyOfWhatPeopleSay) {
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const std::string changes = "lang=l" + std::to_string(i);
    engine_.insert(ticket(2, i + 1, {static_cast<std::uint32_t>(i)}, changes));
    engine_.note_arrival(attributes(changes), 1000);
  }

  EXPECT_EQ(engine_.size(), 1U);
  EXPECT_EQ(best({4999}, 1, "lang=l4999"), 2);
  EXPECT_EQ(engine_.crowd(UserId{1}, attributes("lang=l4999"), 1000).others, 1U);
}

TEST_F(EngineTest, IsVisitedInOrderOfAge) {
  engine_.insert(ticket(2, 5, {}));
  engine_.insert(ticket(3, 4, {}));
  Ticket moved = ticket(4, 9, {});
  moved.t0_ms = 1;
  engine_.insert(moved);
  std::vector<std::int64_t> order;

  engine_.for_each([&order](const Ticket& each) { order.push_back(each.user.value); });

  EXPECT_EQ(order, (std::vector<std::int64_t>{4, 3, 2}));
}

}  // namespace
}  // namespace seendr::match
