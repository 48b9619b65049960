#include "ratelimit/rate_limiter.hpp"

#include <gtest/gtest.h>

#include "support/redis_test.hpp"

#include "unit/ratelimit/reference.hpp"

namespace seendr::ratelimit {
namespace {

Limit limit_of(std::int64_t calls, Millis window, Algorithm algorithm = Algorithm::sliding_window) {
  Limit limit;
  limit.name = "test";
  limit.calls = calls;
  limit.window = window;
  limit.algorithm = algorithm;
  return limit;
}

// Wall time that may go back.
class LooseClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() const override { return {}; }
  std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::time_point(Millis(wall_ms));
  }
  std::int64_t wall_ms = 1'700'000'000'000;
};

class RateLimiterTest : public test::RedisTest {
 protected:
  RateLimiterOptions by_manual_clock() {
    RateLimiterOptions options;
    options.clock = &env_.clock;
    options.timeout = Millis(5000);
    return options;
  }

  // By Redis' clock, and patient on a busy machine.
  static RateLimiterOptions patient() {
    RateLimiterOptions options;
    options.timeout = Millis(5000);
    return options;
  }

  awaitable<std::int64_t> ttl_of(std::string key) {
    const redis::Command ttl("PTTL", key);
    const redis::Reply left = co_await redis().exec(ttl);
    co_return left.as_int();
  }

  awaitable<std::vector<std::string>> keys() {
    const redis::Command scan("SCAN", 0, "COUNT", 10'000);
    const redis::Reply page = co_await redis().exec(scan);
    std::vector<std::string> out;
    for (const redis::Reply& key : page.as_array().at(1).as_array()) out.push_back(key.text());
    co_return out;
  }

  // The whole of a schedule, against the reference.
  awaitable<void> follows_the_reference(std::uint64_t seed) {
    SeededRandom random(seed);
    RateLimiter limiter(env(), redis(), by_manual_clock());
    Reference reference;
    const std::vector<Limit> limits = some_limits(random, WithoutRedis::refuse);
    Decision last;
    for (int i = 0; i < 700; ++i) {
      env_.clock.advance(some_pause(random, last));
      const std::vector<Use> uses = some_uses(random, limits);
      last = co_await limiter.acquire(uses);
      expect_same(last, reference.acquire(uses, env_.clock.wall_ms() * 1000));
      EXPECT_FALSE(last.without_redis);
      if (HasFailure()) co_return;
    }
    for (int subject = 0; subject < 3; ++subject) {
      const Use use{limits[0], "subject" + std::to_string(subject)};
      EXPECT_LE(reference.most_in_a_window(use), static_cast<std::size_t>(limits[0].calls));
    }
  }
};

TEST_F(RateLimiterTest, RefusesTheCallAfterTheLimitAndSaysHowLongToWait) {
  run([this]() -> awaitable<void> {
    RateLimiter limiter(env(), redis(), by_manual_clock());
    const Limit limit = limit_of(2, Millis(60'000));

    const Decision first = co_await limiter.acquire(limit, "ada");
    env_.clock.advance(Millis(20'000));
    const Decision second = co_await limiter.acquire(limit, "ada");
    env_.clock.advance(Millis(30'000));
    const Decision third = co_await limiter.acquire(limit, "ada");
    const Decision other = co_await limiter.acquire(limit, "bob");
    env_.clock.advance(Millis(10'000));
    const Decision later = co_await limiter.acquire(limit, "ada");

    EXPECT_TRUE(first.allowed);
    EXPECT_EQ(first.remaining, 1);
    EXPECT_EQ(first.reset_after, Millis(60'000));
    EXPECT_TRUE(second.allowed);
    EXPECT_FALSE(third.allowed);
    EXPECT_EQ(third.retry_after, Millis(10'000));
    EXPECT_EQ(third.reset_after, Millis(30'000));
    EXPECT_TRUE(other.allowed);
    EXPECT_TRUE(later.allowed);
  });
}

TEST_F(RateLimiterTest, DecidesAsAReferenceThatKeepsEveryCall) {
  for (const std::uint64_t seed : {11, 12, 13, 14}) {
    SCOPED_TRACE(seed);
    run([&]() -> awaitable<void> {
      const redis::Command flush("FLUSHDB");
      co_await redis().exec(flush);
      co_await follows_the_reference(seed);
    });
    if (HasFailure()) return;
  }
}

TEST_F(RateLimiterTest, LetsExactlyTenOfTwoHundredSimultaneousCallsThrough) {
  redis::Client& other = another_client();
  for (const Algorithm algorithm : {Algorithm::sliding_window, Algorithm::gcra}) {
    RateLimiter here(env(), redis(), patient());
    RateLimiter there(env(), other, patient());
    const Limit limit = limit_of(10, Millis(3'600'000), algorithm);
    std::vector<std::optional<Decision>> decisions(200);
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      RateLimiter& limiter = i % 2 == 0 ? here : there;
      test::start(io(), limiter.acquire(limit, "ada"), decisions[i]);
    }
    run([&]() -> awaitable<void> {
      const std::function<bool()> all = [&] {
        return std::all_of(decisions.begin(), decisions.end(), [](const auto& d) { return !!d; });
      };
      const bool done = co_await test::becomes(all, Millis(8000));
      EXPECT_TRUE(done);
    });

    std::size_t passed = 0;
    for (const std::optional<Decision>& decision : decisions) {
      ASSERT_TRUE(decision && !decision->without_redis);
      passed += decision->allowed ? 1 : 0;
    }
    EXPECT_EQ(passed, 10U);
  }
}

TEST_F(RateLimiterTest, ARefusedCallConsumesNothingOfAnyLimit) {
  run([this]() -> awaitable<void> {
    RateLimiter limiter(env(), redis(), patient());
    Limit account = limit_of(1, Millis(60'000));
    account.name = "account";
    Limit address = limit_of(5, Millis(60'000), Algorithm::gcra);
    address.name = "address";
    const std::vector<Use> both = {Use{address, "192.0.2.1"}, Use{account, "ada"}};

    const Decision first = co_await limiter.acquire(both);
    for (int i = 0; i < 20; ++i) {
      const Decision refused = co_await limiter.acquire(both);
      EXPECT_FALSE(refused.allowed);
      EXPECT_EQ(refused.limit, 1U);
    }
    const Decision next = co_await limiter.acquire(address, "192.0.2.1");

    EXPECT_TRUE(first.allowed);
    EXPECT_TRUE(next.allowed);
    EXPECT_EQ(next.remaining, 3);
  });
}

TEST_F(RateLimiterTest, ACallAgainstNoLimitPasses) {
  run([this]() -> awaitable<void> {
    RateLimiter limiter(env(), redis(), patient());
    const std::vector<Use> none;
    const Decision decision = co_await limiter.acquire(none);
    EXPECT_TRUE(decision.allowed);
  });
}

TEST_F(RateLimiterTest, EveryKeyExpiresWhenItHasNoEffectAnyMore) {
  run([this]() -> awaitable<void> {
    RateLimiter limiter(env(), redis(), patient());
    const Limit window = limit_of(3, Millis(60'000));
    Limit spread = limit_of(60, Millis(60'000), Algorithm::gcra);
    spread.burst = 5;
    for (int i = 0; i < 5; ++i) {  // Also after calls that were refused.
      co_await limiter.acquire(window, "ada");
      co_await limiter.acquire(spread, "ada");
    }

    const std::string window_key = limit_key(Use{window, "ada"});
    const std::string spread_key = limit_key(Use{spread, "ada"});
    const std::vector<std::string> all = co_await keys();
    const std::int64_t window_ttl = co_await ttl_of(window_key);
    const std::int64_t spread_ttl = co_await ttl_of(spread_key);

    EXPECT_EQ(all.size(), 2U);
    EXPECT_GT(window_ttl, 40'000);
    EXPECT_LE(window_ttl, 60'000);
    EXPECT_GT(spread_ttl, 0);
    EXPECT_LE(spread_ttl, 5'000);
  });
}

TEST_F(RateLimiterTest, AWindowOfRedisOwnClockIsOverWhenItSays) {
  run([this]() -> awaitable<void> {
    RateLimiter limiter(env(), redis(), patient());
    const Limit limit = limit_of(1, Millis(120));
    co_await limiter.acquire(limit, "ada");

    const Decision refused = co_await limiter.acquire(limit, "ada");
    if (refused.allowed) co_return;  // The machine slept for longer than the window.
    EXPECT_LE(refused.retry_after, Millis(120));
    co_await sleep_for(refused.retry_after);
    const Decision later = co_await limiter.acquire(limit, "ada");

    EXPECT_TRUE(later.allowed);
  });
}

TEST_F(RateLimiterTest, AClockThatIsSetBackCostsAtMostOneWindow) {
  run([this]() -> awaitable<void> {
    LooseClock clock;
    RateLimiterOptions options = patient();
    options.clock = &clock;
    RateLimiter limiter(env(), redis(), options);
    const Limit window = limit_of(2, Millis(60'000));
    const Limit spread = limit_of(2, Millis(60'000), Algorithm::gcra);
    for (int i = 0; i < 2; ++i) {
      co_await limiter.acquire(window, "ada");
      co_await limiter.acquire(spread, "ada");
    }
    clock.wall_ms -= 3'600'000;

    const Decision by_window = co_await limiter.acquire(window, "ada");
    const Decision by_spread = co_await limiter.acquire(spread, "ada");

    EXPECT_FALSE(by_window.allowed);
    EXPECT_EQ(by_window.retry_after, Millis(60'000));
    EXPECT_FALSE(by_spread.allowed);
    EXPECT_EQ(by_spread.retry_after, Millis(30'000));
  });
}

TEST_F(RateLimiterTest, ALimitThatWasLoweredHoldsAtOnce) {
  run([this]() -> awaitable<void> {
    RateLimiter limiter(env(), redis(), by_manual_clock());
    for (int i = 0; i < 10; ++i) {
      co_await limiter.acquire(limit_of(10, Millis(60'000)), "ada");
      env_.clock.advance(Millis(1000));
    }

    const Decision lowered = co_await limiter.acquire(limit_of(3, Millis(60'000)), "ada");

    EXPECT_FALSE(lowered.allowed);
    EXPECT_EQ(lowered.retry_after, Millis(57'000));  // Until only two are left in the window.
  });
}

TEST_F(RateLimiterTest, CountsWhatItDecided) {
  run([this]() -> awaitable<void> {
    RateLimiter limiter(env(), redis(), patient());
    const Limit limit = limit_of(1, Millis(60'000));
    for (int i = 0; i < 3; ++i) co_await limiter.acquire(limit, "ada");

    const std::string text = metrics().scrape();
    EXPECT_NE(text.find("seendr_ratelimit_allowed_total 1"), std::string::npos) << text;
    EXPECT_NE(text.find("seendr_ratelimit_refused_total{limit=\"test\"} 2"), std::string::npos);
  });
}

}  // namespace
}  // namespace seendr::ratelimit
