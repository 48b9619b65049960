#include "app/limits.hpp"

#include <gtest/gtest.h>

namespace seendr::app {
namespace {

TEST(Limits, TellsWholeSecondsToWaitAndNeverNone) {
  const auto wait_of = [](std::int64_t ms) {
    ratelimit::Decision decision;
    decision.retry_after = Millis(ms);
    return retry_after_s(decision);
  };
  EXPECT_EQ(wait_of(0), 1);
  EXPECT_EQ(wait_of(1), 1);
  EXPECT_EQ(wait_of(1000), 1);
  EXPECT_EQ(wait_of(1001), 2);
  EXPECT_EQ(wait_of(59'999), 60);
}

TEST(Limits, CountsAHouseholdAsOneAddress) {
  EXPECT_EQ(address_subject("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(address_subject("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(address_subject("2001:db8:1:2::1"), address_subject("2001:db8:1:2:ffff::9"));
  EXPECT_NE(address_subject("2001:db8:1:2::1"), address_subject("2001:db8:1:3::1"));
}

TEST(Limits, CountsAnAddressUnderOneHashWhateverTheCase) {
  EXPECT_EQ(account_subject("Ada@Example.org"), account_subject("ada@example.org"));
  EXPECT_NE(account_subject("ada@example.org"), account_subject("bob@example.org"));
  EXPECT_EQ(account_subject("ada@example.org").size(), 64u);
}

}  // namespace
}  // namespace seendr::app
