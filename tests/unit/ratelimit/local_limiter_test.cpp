#include "ratelimit/local_limiter.hpp"

#include <gtest/gtest.h>

#include "unit/ratelimit/reference.hpp"

namespace seendr::ratelimit {
namespace {

constexpr std::size_t kPlenty = 100'000;

Use use_of(std::int64_t calls, Millis window, std::string subject = "ada") {
  Limit limit;
  limit.name = "test";
  limit.calls = calls;
  limit.window = window;
  return Use{limit, std::move(subject)};
}

// All or nothing, as RateLimiter uses it.
Decision acquire(LocalLimiter& limiter, const std::vector<Use>& uses, std::int64_t now_us) {
  bool allowed = true;
  std::vector<Verdict> verdicts;
  for (const Use& use : uses) {
    verdicts.push_back(limiter.look(use, now_us));
    allowed = allowed && verdicts.back().left > 0;
  }
  for (std::size_t i = 0; allowed && i < uses.size(); ++i) {
    verdicts[i] = limiter.take(uses[i], now_us);
  }
  return combine(allowed, verdicts);
}

TEST(LocalLimiter, SaysHowLongToWaitForTheOldestCallToLeaveTheWindow) {
  LocalLimiter limiter(kPlenty);
  const std::vector<Use> uses = {use_of(2, Millis(100))};

  EXPECT_TRUE(acquire(limiter, uses, 1'000).allowed);
  EXPECT_TRUE(acquire(limiter, uses, 30'000).allowed);
  const Decision third = acquire(limiter, uses, 60'000);

  EXPECT_FALSE(third.allowed);
  EXPECT_EQ(third.retry_after, Millis(41));
  EXPECT_EQ(third.reset_after, Millis(70));
  EXPECT_TRUE(acquire(limiter, uses, 101'000).allowed);
}

TEST(LocalLimiter, LetsABurstThroughAndThenOneCallAnInterval) {
  LocalLimiter limiter(kPlenty);
  Use use = use_of(10, Millis(1000));
  use.limit.algorithm = Algorithm::gcra;
  use.limit.burst = 3;
  const std::vector<Use> uses = {use};

  for (int i = 0; i < 3; ++i) EXPECT_TRUE(acquire(limiter, uses, 0).allowed);
  EXPECT_EQ(acquire(limiter, uses, 0).retry_after, Millis(100));
  EXPECT_FALSE(acquire(limiter, uses, 99'999).allowed);
  EXPECT_TRUE(acquire(limiter, uses, 100'000).allowed);
  EXPECT_FALSE(acquire(limiter, uses, 100'000).allowed);
}

TEST(LocalLimiter, RoundsAnIntervalUpSoThatNoMoreThanTheLimitPasses) {
  Limit limit;
  limit.calls = 7;
  limit.window = Millis(1);
  limit.algorithm = Algorithm::gcra;

  EXPECT_EQ(terms_of(limit).span_us, 143);  // Of 142.86.
}

TEST(LocalLimiter, DecidesAsAReferenceThatKeepsEveryCall) {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    const std::vector<Limit> limits = some_limits(random, WithoutRedis::local);
    LocalLimiter limiter(kPlenty);
    Reference reference;
    std::int64_t now_us = 0;
    Decision last;

    for (int i = 0; i < 1500; ++i) {
      now_us += some_pause(random, last).count() * 1000;
      now_us += static_cast<std::int64_t>(random.below(1000));
      const std::vector<Use> uses = some_uses(random, limits);
      last = acquire(limiter, uses, now_us);
      expect_same(last, reference.acquire(uses, now_us));
      if (::testing::Test::HasFailure()) FAIL() << "at step " << i;
    }
    for (int subject = 0; subject < 3; ++subject) {
      const Use use{limits[0], "subject" + std::to_string(subject)};
      EXPECT_LE(reference.most_in_a_window(use), static_cast<std::size_t>(limits[0].calls));
    }
  }
}

TEST(LocalLimiter, ForgetsWhoCalledLongestAgoWhenItIsFull) {
  LocalLimiter limiter(9);  // Three subjects with two calls each.
  const auto calls = [&](const std::string& subject) {
    const std::vector<Use> uses = {use_of(2, Millis(1000), subject)};
    return acquire(limiter, uses, 0).allowed;
  };
  for (const char* subject : {"ada", "bob", "cleo"}) {
    EXPECT_TRUE(calls(subject));
    EXPECT_TRUE(calls(subject));
  }
  EXPECT_FALSE(calls("ada"));

  EXPECT_TRUE(calls("dan"));

  EXPECT_LE(limiter.size(), 9U);
  EXPECT_FALSE(calls("bob"));
  EXPECT_FALSE(calls("cleo"));
  EXPECT_TRUE(calls("ada"));
}

TEST(LocalLimiter, KeepsItsBoundsWithManySubjects) {
  LocalLimiter limiter(100);
  SeededRandom random(7);
  for (std::int64_t i = 0; i < 5000; ++i) {
    Use use = use_of(3, Millis(50), "subject" + std::to_string(random.below(500)));
    if (i % 3 == 0) use.limit.algorithm = Algorithm::gcra;
    const std::vector<Use> uses = {use};
    acquire(limiter, uses, i * 100);
    ASSERT_LE(limiter.size(), 100U);
  }
}

}  // namespace
}  // namespace seendr::ratelimit
