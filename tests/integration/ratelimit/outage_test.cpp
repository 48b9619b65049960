// What becomes of limits when Redis is gone, hangs, or comes back.
#include <gtest/gtest.h>

#include "ratelimit/rate_limiter.hpp"
#include "support/redis_test.hpp"

namespace seendr::ratelimit {
namespace {

Limit limit_of(std::int64_t calls, WithoutRedis without_redis) {
  Limit limit;
  limit.name = "test";
  limit.calls = calls;
  limit.window = Millis(3'600'000);
  limit.without_redis = without_redis;
  return limit;
}

class OutageTest : public test::RedisTest {
 protected:
  // Redis is there again for the next test, whatever happened.
  void TearDown() override { server().restart(); }

  awaitable<void> lose_redis(RateLimiter& limiter) {
    server().kill9();
    const Limit probe = limit_of(1'000'000, WithoutRedis::allow);
    for (int i = 0; i < 500; ++i) {
      const Decision decision = co_await limiter.acquire(probe, "probe");
      if (decision.without_redis) co_return;
    }
    ADD_FAILURE() << "Redis is gone and nobody noticed";
  }

  // The time until Redis decides again.
  awaitable<Millis> until_redis_decides(RateLimiter& limiter) {
    const auto start = std::chrono::steady_clock::now();
    const Limit probe = limit_of(1'000'000, WithoutRedis::allow);
    for (int i = 0; i < 2000; ++i) {
      const Decision decision = co_await limiter.acquire(probe, "probe");
      if (!decision.without_redis) break;
      co_await sleep_for(Millis(2));
    }
    co_return std::chrono::ceil<Millis>(std::chrono::steady_clock::now() - start);
  }
};

TEST_F(OutageTest, EachLimitSaysWhoDecidesWhileRedisIsAway) {
  run([this]() -> awaitable<void> {
    RateLimiter limiter(env(), redis());
    co_await lose_redis(limiter);

    int open = 0;
    int local = 0;
    for (int i = 0; i < 20; ++i) {
      const Decision passed = co_await limiter.acquire(limit_of(3, WithoutRedis::allow), "ada");
      const Decision alone = co_await limiter.acquire(limit_of(3, WithoutRedis::local), "ada");
      open += passed.allowed ? 1 : 0;
      local += alone.allowed ? 1 : 0;
      EXPECT_TRUE(passed.without_redis && alone.without_redis);
    }
    const Decision closed = co_await limiter.acquire(limit_of(3, WithoutRedis::refuse), "ada");

    EXPECT_EQ(open, 20);
    EXPECT_EQ(local, 3);
    EXPECT_FALSE(closed.allowed);
    EXPECT_EQ(closed.retry_after, Millis(1000));
  });
}

TEST_F(OutageTest, WhatWasLetThroughWithRedisIsNotLetThroughOnceMoreWithout) {
  run([this]() -> awaitable<void> {
    RateLimiter limiter(env(), redis());
    Limit steady = limit_of(3, WithoutRedis::local);
    steady.algorithm = Algorithm::gcra;
    const Limit window = limit_of(3, WithoutRedis::local);
    for (const Limit& limit : {window, steady}) {
      co_await limiter.acquire(limit, "ada");
      co_await limiter.acquire(limit, "ada");
    }
    co_await lose_redis(limiter);

    for (const Limit& limit : {window, steady}) {
      const Decision third = co_await limiter.acquire(limit, "ada");
      const Decision fourth = co_await limiter.acquire(limit, "ada");
      EXPECT_TRUE(third.allowed && third.without_redis);
      EXPECT_FALSE(fourth.allowed);
    }
  });
}

TEST_F(OutageTest, ARefusalConsumesNothingOfTheLocalLimits) {
  run([this]() -> awaitable<void> {
    RateLimiter limiter(env(), redis());
    co_await lose_redis(limiter);
    const Limit local = limit_of(2, WithoutRedis::local);
    Limit closed = limit_of(2, WithoutRedis::refuse);
    closed.name = "closed";
    const std::vector<Use> both = {Use{local, "ada"}, Use{closed, "ada"}};

    for (int i = 0; i < 5; ++i) {
      const Decision refused = co_await limiter.acquire(both);
      EXPECT_FALSE(refused.allowed);
      EXPECT_EQ(refused.limit, 1U);
    }
    const Decision alone = co_await limiter.acquire(local, "ada");

    EXPECT_TRUE(alone.allowed);
    EXPECT_EQ(alone.remaining, 1);
  });
}

TEST_F(OutageTest, NobodyWaitsOnceRedisIsKnownToBeAway) {
  run([this]() -> awaitable<void> {
    RateLimiter limiter(env(), redis());
    co_await lose_redis(limiter);

    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 1000; ++i) {
      co_await limiter.acquire(limit_of(3, WithoutRedis::local), "ada");
    }
    // A call each half second asks Redis and waits a quarter of one for it.
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3));
  });
}

TEST_F(OutageTest, RedisDecidesAgainWithinTwoSecondsOfItsReturn) {
  run(
      [this]() -> awaitable<void> {
        RateLimiterOptions options;
        options.ask_again = Millis(60'000);  // A new connection does not wait for that.
        RateLimiter limiter(env(), redis(), options);
        co_await lose_redis(limiter);
        server().start();

        const Millis took = co_await until_redis_decides(limiter);
        EXPECT_LT(took, Millis(2000));

        const Limit limit = limit_of(2, WithoutRedis::allow);
        int passed = 0;
        for (int i = 0; i < 5; ++i) {
          const Decision decision = co_await limiter.acquire(limit, "ada");
          passed += decision.allowed ? 1 : 0;
        }
        EXPECT_EQ(passed, 2);
      },
      std::chrono::seconds(30));
}

TEST_F(OutageTest, ARedisThatHangsIsWaitedForOnceAndAskedAgainWhenItAnswers) {
  run(
      [this]() -> awaitable<void> {
        RateLimiter limiter(env(), redis());
        const Limit limit = limit_of(2, WithoutRedis::local);
        co_await limiter.acquire(limit, "bob");
        server().pause();

        const Decision alone = co_await limiter.acquire(limit, "ada");
        server().resume();
        const Millis took = co_await until_redis_decides(limiter);

        EXPECT_TRUE(alone.without_redis);
        EXPECT_TRUE(alone.allowed);
        EXPECT_LT(took, Millis(2000));
      },
      std::chrono::seconds(30));
}

TEST_F(OutageTest, AnErrorThatIsNoOutageIsThrown) {
  run([this]() -> awaitable<void> {
    RateLimiter limiter(env(), redis());
    const redis::Command spoil("SET", "seendr:ratelimit:window:test:ada", "no list");
    co_await redis().exec(spoil);

    const Limit limit = limit_of(2, WithoutRedis::allow);
    const error_code code = co_await test::failure_of(limiter.acquire(limit, "ada"));

    EXPECT_EQ(code, redis::Errc::server_error);
  });
}

}  // namespace
}  // namespace seendr::ratelimit
