// `seendr bench redis`, each measurement a moment long.
#include <cstdio>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace seendr::lab {
namespace {

std::string output_of(const std::string& arguments, int& status) {
  const std::string command = std::string(SEENDR_BINARY) + " bench redis " + arguments;
  std::string printed;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return printed;
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, pipe)) printed += buffer;
  status = pclose(pipe);
  return printed;
}

TEST(BenchRedis, SetsEachBlockAgainstWhatItStandsFor) {
  int status = -1;
  std::istringstream printed(output_of("--seconds 0.05 --json", status));
  std::map<std::string, json::object> measured;
  for (std::string line; std::getline(printed, line);) {
    const json::object object = json::parse(line).as_object();
    EXPECT_GT(object.at("value").as_double(), 0) << line;
    measured[std::string(object.at("name").as_string())] = object;
  }

  EXPECT_EQ(status, 0);
  const std::multimap<std::string, std::string> rivals{
      {"get.1", "redis-benchmark"},        {"get.1", "django-redis"},
      {"get.50", "redis-benchmark"},       {"get_pipeline.50", "redis-benchmark"},
      {"set.50", "redis-benchmark"},       {"set_pipeline.50", "redis-benchmark"},
      {"evalsha.50", "redis-benchmark"},   {"evalsha_pipeline.50", "redis-benchmark"},
      {"set.1", "django-redis"},           {"evalsha.1", "django-redis"},
      {"cache_l1_hit.1", "django-redis"},  {"cache_l2_hit.1", "django-redis"},
      {"limiter.1", "django-redis"},       {"ranking_increment.1", "django-redis"},
      {"group_send.10", "channels_redis"},
  };
  for (const auto& [what, rival] : rivals) {
    const std::string name = "redis." + what + ".per_s";
    ASSERT_EQ(measured.count(name), 1U) << name;
    const json::object& against = measured[name].at("against").as_object();
    ASSERT_TRUE(against.contains(rival)) << name << " against " << rival;
    const json::object& theirs = against.at(rival).as_object();
    ASSERT_TRUE(theirs.contains("value")) << json::serialize(theirs);
    EXPECT_GT(theirs.at("value").as_double(), 0) << name;
  }
  for (const char* what : {"cache_l2_hit.50", "limiter.50", "ranking_increment.50"}) {
    EXPECT_EQ(measured.count(std::string("redis.") + what + ".per_s"), 1U) << what;
  }
}

TEST(BenchRedis, SaysWhatPythonLacks) {
  int status = -1;
  const std::string printed = output_of("--seconds 0.01 --python /bin/false", status);

  EXPECT_EQ(status, 0);
  EXPECT_NE(printed.find("redis.cache_l2_hit.1.per_s"), std::string::npos) << printed;
  EXPECT_NE(printed.find("Python missing: /bin/false failed"), std::string::npos) << printed;
}

}  // namespace
}  // namespace seendr::lab
