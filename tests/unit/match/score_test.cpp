#include "match/score.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace seendr::match {
namespace {

Attributes person(std::string_view changes = "") {
  const std::optional<Attributes> out =
      parse_attributes("lang=en;age=adult;reg=eu" + std::string(changes));
  EXPECT_TRUE(out) << changes;
  return out.value_or(Attributes());
}

Attributes speaking(std::string_view languages) {
  Attributes out = person();
  out.languages = parse_attributes("age=adult;lang=" + std::string(languages))->languages;
  return out;
}

TEST(Conflict, IsAbsentBetweenTwoOrdinaryPeople) {
  EXPECT_EQ(conflict(person(), person()), std::nullopt);
}

TEST(Conflict, NeedsOneCommonLanguage) {
  EXPECT_EQ(conflict(speaking("en"), speaking("fr")), Rule::language);
  EXPECT_EQ(conflict(speaking("en,fr"), speaking("de,fr")), std::nullopt);
  EXPECT_EQ(conflict(speaking(""), speaking("en")), Rule::language);
}

TEST(Conflict, KeepsMinorsAmongThemselves) {
  Attributes minor = person();
  minor.adult = false;

  EXPECT_EQ(conflict(person(), minor), Rule::age);
  EXPECT_EQ(conflict(minor, person()), Rule::age);
  EXPECT_EQ(conflict(minor, minor), std::nullopt);
}

TEST(Conflict, KeepsModesApart) {
  EXPECT_EQ(conflict(person(";mode=video"), person(";mode=text")), Rule::mode);
  EXPECT_EQ(conflict(person(";mode=text"), person(";mode=text")), std::nullopt);
}

TEST(Conflict, RespectsWhoeverInsistsOnARegion) {
  const Attributes insisting = person(";want=na,as;region=strict");
  const Attributes american = person();
  Attributes asian = person();
  asian.region = "as";

  EXPECT_EQ(conflict(insisting, american), Rule::region);
  EXPECT_EQ(conflict(american, insisting), Rule::region);
  EXPECT_EQ(conflict(insisting, asian), std::nullopt);
}

TEST(Conflict, TakesTheOwnRegionForTheWantedOneWhenNoneIsNamed) {
  const Attributes home = person(";region=strict");
  Attributes away = person();
  away.region = "na";
  Attributes nowhere = person();
  nowhere.region = "";
  Attributes insisting_nowhere = home;
  insisting_nowhere.region = "";

  EXPECT_EQ(conflict(home, person()), std::nullopt);
  EXPECT_EQ(conflict(home, away), Rule::region);
  EXPECT_EQ(conflict(home, nowhere), Rule::region);
  EXPECT_EQ(conflict(insisting_nowhere, away), std::nullopt);
}

TEST(Conflict, DoesNotExcludeByAMereWish) {
  EXPECT_EQ(conflict(person(";want=na;region=prefer"), person()), std::nullopt);
}

TEST(InterestWeight, IsTheSameForAllInProfileCount) {
  EXPECT_EQ(interest_weight(Profile::count, 1'000'000, 1), 4);
  EXPECT_EQ(interest_weight(Profile::count, 1, 1), 4);
}

TEST(InterestWeight, GrowsWithRarityUpToDouble) {
  EXPECT_EQ(interest_weight(Profile::rarity, 100, 100), 4);
  EXPECT_EQ(interest_weight(Profile::rarity, 5, 1), 4);
  EXPECT_EQ(interest_weight(Profile::rarity, 6, 1), 5);
  EXPECT_EQ(interest_weight(Profile::rarity, 31, 1), 5);
  EXPECT_EQ(interest_weight(Profile::rarity, 32, 1), 6);
  EXPECT_EQ(interest_weight(Profile::rarity, 1023, 1), 7);
  EXPECT_EQ(interest_weight(Profile::rarity, 1024, 1), 8);
  EXPECT_EQ(interest_weight(Profile::rarity, 1'000'000, 1), 8);
}

TEST(InterestWeight, AgreesWithTheFormulaOfTheDesign) {
  for (std::size_t people = 1; people <= 3000; people += 7) {
    for (std::size_t holders = 1; holders <= people; holders += 1 + holders / 5) {
      const double ratio = static_cast<double>(people) / static_cast<double>(holders);
      const int expected = 4 + std::min(4, static_cast<int>(std::floor(std::log2(ratio) / 2.5)));

      ASSERT_EQ(interest_weight(Profile::rarity, people, holders), expected)
          << people << " / " << holders;
    }
  }
}

TEST(RegionPoints, AreGivenForTheWantedRegionAndElseForTheOwn) {
  Attributes american = person();
  american.region = "na";

  EXPECT_EQ(region_points(person(), person()), 2);
  EXPECT_EQ(region_points(person(), american), 0);
  EXPECT_EQ(region_points(person(";want=na"), american), 2);
  EXPECT_EQ(region_points(person(";want=na"), person()), 0);
}

TEST(RegionPoints, AreNotGivenToTwoUnknownRegions) {
  Attributes nowhere = person();
  nowhere.region = "";

  EXPECT_EQ(region_points(nowhere, nowhere), 0);
}

TEST(ActivePoints, AreGivenForAStandingSearch) {
  EXPECT_EQ(active_points(person(";act=1")), 1);
  EXPECT_EQ(active_points(person(";act=0")), 0);
}

TEST(Score, IsTheSumOfItsReasons) {
  const Score score{{{12, 4}, {99, 8}}, 2, 1};

  EXPECT_EQ(score.total(), 15);
  EXPECT_EQ(Score().total(), 0);
}

TEST(Shared, IsWhatBothHave) {
  EXPECT_EQ(shared({1, 3, 5, 9}, {2, 3, 9, 10}), (std::vector<std::uint32_t>{3, 9}));
  EXPECT_TRUE(shared({}, {1}).empty());
}

TEST(RuleNames, AreThoseOfTheProtocol) {
  EXPECT_EQ(name(Rule::language), "language");
  EXPECT_EQ(name(Rule::cooldown), "cooldown");
  EXPECT_EQ(name(Rule::shared_interests), "shared_interests");
}

}  // namespace
}  // namespace seendr::match
