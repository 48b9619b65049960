#include "lab/redis_rivals.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/redis_test.hpp"

namespace seendr::lab {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class RedisRivalsTest : public test::RedisTest {};

TEST(RedisBenchmarkOutput, TheRateFollowsTheNameWhateverIsInIt) {
  const std::vector<std::string> lines{
      R"("test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms")",
      R"("SET a ","b",c","40000.50","0.015","0.008","0.015","0.023","0.039","0.151")"};

  EXPECT_EQ(parse_redis_benchmark(lines), 40000.5);
}

TEST(RedisBenchmarkOutput, AnythingElseIsNoFigure) {
  EXPECT_EQ(parse_redis_benchmark({}), std::nullopt);
  EXPECT_EQ(parse_redis_benchmark({"Could not connect to Redis"}), std::nullopt);
  EXPECT_EQ(parse_redis_benchmark({R"("a","b","c","d","e","f","g","h")"}), std::nullopt);
}

TEST(PythonRivalsOutput, SaysWhatIsMissingAndWhy) {
  const std::vector<std::string> lines{
      "a warning of some package", R"({"name": "get", "rival": "django-redis", "per_s": 7000.5})",
      R"({"name": "group_send", "rival": "channels_redis", "missing": "ImportError: no module"})"};

  const PythonRivals rivals = PythonRivals::parse(lines, "it ended early");

  EXPECT_EQ(rivals.of("get").value, 7000.5);
  EXPECT_EQ(rivals.of("get").name, "django-redis");
  EXPECT_EQ(rivals.of("group_send").value, std::nullopt);
  EXPECT_EQ(rivals.of("group_send").missing, "ImportError: no module");
  EXPECT_EQ(rivals.of("limiter").missing, "it ended early");
}

TEST_F(RedisRivalsTest, RedisBenchmarkIsMeasuredOnTheSameRedis) {
  run([this]() -> awaitable<void> {
    RedisBenchmark options;
    options.socket = server().url().path;
    options.pipelining = 5;
    options.requests = 1000;
    options.words = {"INCR", "asked"};

    const Rival rival = co_await run_redis_benchmark(std::move(options));

    const redis::Command get("GET", "asked");
    const redis::Reply asked = co_await redis().exec(get);
    EXPECT_GT(rival.value.value_or(0), 0) << rival.missing;
    EXPECT_EQ(rival.name, "redis-benchmark");
    EXPECT_EQ(asked.text(), "1000");
  });
}

TEST_F(RedisRivalsTest, AnInterpreterThatFailsIsToldForEachOperation) {
  run([this]() -> awaitable<void> {
    const std::string folder = server().directory();

    const PythonRivals rivals =
        co_await PythonRivals::run(server().url().path, folder, "/bin/false", 10ms);

    EXPECT_THAT(rivals.of("get").missing, HasSubstr("/bin/false failed"));
  });
}

}  // namespace
}  // namespace seendr::lab
