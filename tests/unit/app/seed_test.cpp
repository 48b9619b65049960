#include "app/seed.hpp"

#include <set>

#include <gtest/gtest.h>

namespace seendr::app {
namespace {

std::vector<Interest> vocabulary() {
  std::vector<Interest> interests;
  for (std::uint32_t id = 1; id <= 300; ++id) {
    interests.push_back(Interest{id, "interest-" + std::to_string(id), "group", "", ""});
  }
  return interests;
}

TEST(Seed, TheSameSeedInventsTheSamePeople) {
  const auto a = invent_people(vocabulary(), 50, 7);
  const auto b = invent_people(vocabulary(), 80, 7);
  const auto other = invent_people(vocabulary(), 50, 8);

  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].seed, b[i].seed);
    EXPECT_EQ(a[i].interests, b[i].interests);
    EXPECT_EQ(a[i].display_name, b[i].display_name);
  }
  EXPECT_NE(a[0].interests, other[0].interests);
}

TEST(Seed, PeopleAreSpreadAsPromised) {
  const auto people = invent_people(vocabulary(), 4000, 1);

  std::map<std::vector<std::string>, int> languages;
  std::map<std::string, int> popularity;
  std::set<std::string> regions;
  for (const DemoPerson& person : people) {
    ++languages[person.languages];
    regions.insert(person.region);
    EXPECT_GE(person.interests.size(), 3U);
    EXPECT_LE(person.interests.size(), 10U);
    EXPECT_EQ(std::set<std::string>(person.interests.begin(), person.interests.end()).size(),
              person.interests.size());
    for (const std::string& slug : person.interests) ++popularity[slug];
  }
  EXPECT_NEAR(languages[{"en"}], 2400, 150);
  EXPECT_NEAR(languages[{"fr"}], 1000, 150);
  EXPECT_NEAR((languages[{"en", "fr"}]), 600, 150);
  EXPECT_EQ(regions, (std::set<std::string>{"eu", "na", "as"}));
  int most = 0;
  for (const auto& [slug, count] : popularity) most = std::max(most, count);
  EXPECT_GT(most, 1500);  // The most popular of 300 is far from the mean of 87.
}

}  // namespace
}  // namespace seendr::app
