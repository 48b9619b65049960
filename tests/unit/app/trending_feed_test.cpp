#include "app/people/trending_feed.hpp"

#include <gtest/gtest.h>

namespace seendr::app {
namespace {

using Places = std::vector<leaderboard::Place>;

TEST(TrendingFeed, TellsNothingWhenNothingChanged) {
  const Places list = {{1, "chess", 2}, {2, "music", 1}};
  EXPECT_TRUE(trending_changes(list, list).empty());
}

TEST(TrendingFeed, TellsOnlyWhatChangedAndWhatFellOut) {
  const Places before = {{1, "chess", 3}, {2, "music", 2}, {3, "opera", 1}};
  const Places now = {{1, "chess", 3}, {2, "cinema", 2}, {3, "music", 2}};
  EXPECT_EQ(json::serialize(trending_changes(before, now)),
            R"([{"slug":"cinema","score":2,"rank":2},{"slug":"music","score":2,"rank":3},)"
            R"({"slug":"opera","rank":null}])");
}

TEST(TrendingFeed, WritesWholeScoresWithoutAPoint) {
  EXPECT_EQ(json::serialize(score_value(3)), "3");
  EXPECT_EQ(json::serialize(score_value(2.9999999)), "3");
  EXPECT_EQ(json::value_to<double>(score_value(1.254)), 1.25);
}

}  // namespace
}  // namespace seendr::app
