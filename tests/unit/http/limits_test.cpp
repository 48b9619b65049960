#include "http/limits.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

namespace seendr::http {
namespace {

using boost::asio::ip::make_address;

TEST(ConnectionCounts, SaysNoWhenTheProcessIsFullAndYesAfterALeave) {
  ConnectionCounts counts(2, 0);
  EXPECT_TRUE(counts.enter());
  EXPECT_TRUE(counts.enter());
  EXPECT_FALSE(counts.enter());
  EXPECT_EQ(counts.total(), 2U);
  counts.leave();
  EXPECT_TRUE(counts.enter());
}

TEST(ConnectionCounts, HasNoTotalLimitWhenItIsZero) {
  ConnectionCounts counts(0, 0);
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(counts.enter());
}

TEST(ConnectionCounts, CountsEachAddressForItself) {
  ConnectionCounts counts(0, 5);
  EXPECT_EQ(counts.enter_address(make_address("1.2.3.4")), 1U);
  EXPECT_EQ(counts.enter_address(make_address("1.2.3.4")), 2U);
  EXPECT_EQ(counts.enter_address(make_address("1.2.3.5")), 1U);
  counts.leave_address(make_address("1.2.3.4"));
  EXPECT_EQ(counts.enter_address(make_address("1.2.3.4")), 2U);
}

TEST(ConnectionCounts, TakesAHouseholdOfIpv6ForOneAddress) {
  ConnectionCounts counts(0, 5);
  EXPECT_EQ(counts.enter_address(make_address("2001:db8:1:2::1")), 1U);
  EXPECT_EQ(counts.enter_address(make_address("2001:db8:1:2:ffff::9")), 2U);
  EXPECT_EQ(counts.enter_address(make_address("2001:db8:1:3::1")), 1U);
}

TEST(ConnectionCounts, TakesAMappedAddressForTheIpv4One) {
  ConnectionCounts counts(0, 5);
  EXPECT_EQ(counts.enter_address(make_address("1.2.3.4")), 1U);
  EXPECT_EQ(counts.enter_address(make_address("::ffff:1.2.3.4")), 2U);
  EXPECT_EQ(counts.enter_address(make_address("::ffff:1.2.3.5")), 1U);
}

TEST(DescriptorLimit, IsRaisedToTheHardOneAndLeavesAReserve) {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit low = before;
  low.rlim_cur = 256;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);

  const std::size_t fit = raise_descriptor_limit(64);

  rlimit after{};
  getrlimit(RLIMIT_NOFILE, &after);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  EXPECT_GE(fit, 16U);
  EXPECT_LT(fit, after.rlim_cur);
  setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace seendr::http
