#include "lab/redis_cost.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seendr::lab {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr std::string_view kInfo =
    "# Commandstats\r\n"
    "cmdstat_evalsha:calls=12,usec=345,usec_per_call=28.75,rejected_calls=0,failed_calls=0\r\n"
    "cmdstat_client|setname:calls=1,usec=2\r\n"
    "cmdstat_info:calls=3,usec=100\r\n"
    "# CPU\r\n"
    "used_cpu_sys:1.250000\r\n"
    "used_cpu_user:2.500000\r\n"
    "used_cpu_sys_children:9.000000\r\n";

TEST(RedisCostTest, IsReadFromInfo) {
  const RedisCost cost = parse_cost(kInfo);

  EXPECT_THAT(cost.calls,
              ElementsAre(Pair("client|setname", 1), Pair("evalsha", 12), Pair("info", 3)));
  EXPECT_DOUBLE_EQ(cost.cpu_us, 3'750'000);
}

TEST(RedisCostTest, IsWhatCameBetweenTwoReadings) {
  RedisCost before = parse_cost(kInfo);
  RedisCost after = before;
  after.calls["evalsha"] = 20;
  after.calls["xread"] = 5;
  after.calls["info"] = 4;
  after.cpu_us += 800;

  const RedisCost cost = difference(before, after);

  EXPECT_THAT(cost.calls, ElementsAre(Pair("evalsha", 8), Pair("xread", 5)));
  EXPECT_EQ(cost.total(), 13U);
  EXPECT_DOUBLE_EQ(cost.cpu_us, 800);
}

TEST(RedisCostTest, IsNothingForTextWithoutSense) {
  EXPECT_EQ(parse_cost("").total(), 0U);
  EXPECT_EQ(parse_cost("cmdstat_\r\ncmdstat_x:call\r\nused_cpu_user:\r\n").total(), 0U);
}

}  // namespace
}  // namespace seendr::lab
