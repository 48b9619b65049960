#include "ratelimit/limit.hpp"

#include <gtest/gtest.h>

#include "ratelimit/keys.hpp"

namespace seendr::ratelimit {
namespace {

TEST(Decision, OfSeveralThatRefuseIsAboutTheLongestWait) {
  const std::vector<Verdict> verdicts = {{0, 1'000, 5'000}, {0, 7'001, 9'000}, {3, 0, 50'000}};

  const Decision decision = combine(false, verdicts);

  EXPECT_FALSE(decision.allowed);
  EXPECT_EQ(decision.limit, 1U);
  EXPECT_EQ(decision.remaining, 0);
  EXPECT_EQ(decision.retry_after, Millis(8));  // Rounded up: earlier would be too early.
  EXPECT_EQ(decision.reset_after, Millis(9));
}

TEST(Decision, OfAnAllowedCallIsAboutTheLimitWithTheLeastLeft) {
  const std::vector<Verdict> verdicts = {{4, 0, 5'000}, {2, 0, 9'000}, {3, 0, 50'000}};

  const Decision decision = combine(true, verdicts);

  EXPECT_TRUE(decision.allowed);
  EXPECT_EQ(decision.limit, 1U);
  EXPECT_EQ(decision.remaining, 2);
  EXPECT_EQ(decision.retry_after, Millis(0));
}

TEST(LimitKey, TellsAlgorithmsLimitsAndSubjectsApart) {
  Limit limit;
  limit.name = "sign_in";
  EXPECT_EQ(limit_key(Use{limit, "2001:db8::"}), "seendr:ratelimit:window:sign_in:2001:db8::");

  limit.algorithm = Algorithm::gcra;
  EXPECT_EQ(limit_key(Use{limit, "7"}), "seendr:ratelimit:gcra:sign_in:7");
}

}  // namespace
}  // namespace seendr::ratelimit
