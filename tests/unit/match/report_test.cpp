#include "match/report.hpp"

#include <gtest/gtest.h>

namespace seendr::match {
namespace {

TEST(Report, EveryReasonOfAnEndReadsBack) {
  for (int i = 0; i <= static_cast<int>(CloseReason::expired); ++i) {
    const auto reason = static_cast<CloseReason>(i);
    EXPECT_EQ(parse_close_reason(name(reason)), reason) << name(reason);
  }
}

TEST(Report, ReasonsHaveTheNamesOfTheProtocol) {
  EXPECT_EQ(name(CloseReason::partner_lost), "partner_lost");
  EXPECT_EQ(name(NoMatchReason::no_shared_interest), "no_shared_interest");
  EXPECT_EQ(name(CancelReason::replaced), "replaced");
}

}  // namespace
}  // namespace seendr::match
