#include "redis/script.hpp"

#include "support/redis_test.hpp"

namespace seendr::redis {
namespace {

using namespace std::chrono_literals;

class ScriptTest : public test::RedisTest {
 protected:
  const Script sum_{"return redis.call('INCRBY', KEYS[1], ARGV[1] + ARGV[2])"};
};

TEST_F(ScriptTest, RunsWhetherRedisKnowsItOrNot) {
  run([this]() -> awaitable<void> {
    co_await redis().exec(Command("SCRIPT", "FLUSH"));
    const std::vector<std::string> keys{"n"};
    const std::vector<std::string> argv{"2", "3"};

    const Reply unknown = co_await sum_.run(redis(), keys, argv);
    const std::uint64_t before = redis().calls();
    const Reply known = co_await sum_.run(redis(), 1, "n", 4, 5);
    const std::uint64_t after = redis().calls();
    co_await redis().exec(Command("SCRIPT", "FLUSH"));
    const Reply again = co_await sum_.run(redis(), keys, argv, 2s);

    EXPECT_EQ(unknown.as_int(), 5);
    EXPECT_EQ(known.as_int(), 14);
    EXPECT_EQ(after - before, 1U);
    EXPECT_EQ(again.as_int(), 19);
  });
}

TEST_F(ScriptTest, LetsItsOwnErrorsThrough) {
  run([this]() -> awaitable<void> {
    const Script stale("return redis.error_reply('STALE_EPOCH 4')");
    std::string kind;
    try {
      co_await stale.run(redis(), 0);
    } catch (const ServerError& error) {
      kind = error.kind();
    }

    EXPECT_EQ(kind, "STALE_EPOCH");
  });
}

TEST_F(ScriptTest, IsLoadedForPipelines) {
  run([this]() -> awaitable<void> {
    co_await redis().exec(Command("SCRIPT", "FLUSH"));
    Pipeline calls;
    calls.add(sum_.command({"n"}, {"1", "1"}));
    calls.add(sum_.command({"n"}, {"2", "2"}));

    const std::vector<Reply> unknown = co_await redis().exec(calls);
    co_await sum_.load(redis());
    const std::vector<Reply> known = co_await redis().exec(calls);

    EXPECT_TRUE(unknown[0].error_text().starts_with("NOSCRIPT"));
    EXPECT_EQ(known[1].as_int(), 6);
  });
}

}  // namespace
}  // namespace seendr::redis
