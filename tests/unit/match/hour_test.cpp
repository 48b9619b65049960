#include "match/hour.hpp"

#include <gtest/gtest.h>

namespace seendr::match {
namespace {

TEST(Hour, IsNamedInUtc) {
  EXPECT_EQ(hour_text(0), "1970-01-01T00");
  EXPECT_EQ(hour_text(1'767'225'599'999), "2025-12-31T23");
  EXPECT_EQ(hour_text(1'767'225'600'000), "2026-01-01T00");
}

}  // namespace
}  // namespace seendr::match
