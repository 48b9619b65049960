#include "lab/bench_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.hpp"

namespace seendr::lab {
namespace {

using testing::HasSubstr;

// Two pairs: told 1 and 2 ms, 3 and 5 ms after the later search; one search found nobody.
BenchResult example() {
  Witness witness;
  for (const char* user : {"1", "2", "3", "4"}) witness.add(user);
  for (const PersonIndex person : {0U, 1U, 2U}) witness.searched(person, 10'000);
  witness.told_match(0, "r1", "2", 11'000);
  witness.told_match(1, "r1", "1", 12'000);
  witness.told_match(2, "r2", "4", 13'000);
  witness.told_match(3, "r2", "3", 15'000);
  BenchResult result;
  result.what = "article_burst";
  result.size = 4;
  result.searches = 4;
  result.connected = 10;
  result.servers = 2;
  add_times(witness, result);
  return result;
}

TEST(BenchResultTest, MeasuresBothSidesOfEachPair) {
  const BenchResult result = example();

  EXPECT_EQ(result.pairs, 2U);
  EXPECT_EQ(result.first_ms.p50, 1);
  EXPECT_EQ(result.first_ms.max, 3);
  EXPECT_EQ(result.second_ms.p50, 2);
  EXPECT_EQ(result.second_ms.max, 5);
  EXPECT_EQ(result.wait_ms.count, 3U);
  EXPECT_EQ(result.unmatched, 1U);
  EXPECT_DOUBLE_EQ(result.seconds, 0.005);
}

TEST(BenchResultTest, IsATableForPeople) {
  BenchResult result = example();
  result.redis = RedisCost{{{"evalsha", 6}, {"xadd", 2}}, 500};
  result.violations.push_back({Defect::two_rooms, "r9", "user 7 is in r8"});
  result.troubles["error overloaded"] = 3;

  const std::string text = table(result);

  EXPECT_THAT(text, HasSubstr("article_burst.4: 4 searches among 10 connected on 2 servers"));
  EXPECT_THAT(text, HasSubstr("4.0 commands, 250 us of CPU;  evalsha 3.00  xadd 1.00"));
  EXPECT_THAT(text, HasSubstr("trouble: error overloaded, 3 times"));
  EXPECT_THAT(text, HasSubstr("violations: 1\n    two_rooms in room r9: user 7 is in r8\n"));
}

TEST(BenchResultTest, IsOneJsonObjectALineForPrograms) {
  std::string text = json_lines(example());

  EXPECT_THAT(text,
              HasSubstr(R"({"name":"match.article_burst_both.4.p50","value":2E0,"unit":"ms")"));
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    ASSERT_NE(end, std::string::npos);
    const std::optional<json::object> object = json::parse_object(text.substr(0, end));
    ASSERT_TRUE(object) << text;
    EXPECT_TRUE(object->at("value").is_double());
    EXPECT_EQ(object->at("against").as_object().at("servers"), 2);
    text.erase(0, end + 1);
  }
}

}  // namespace
}  // namespace seendr::lab
