#include "lab/quantiles.hpp"

#include <gtest/gtest.h>

namespace seendr::lab {
namespace {

TEST(QuantilesTest, AreValuesByTheNearestRank) {
  std::vector<double> values;
  for (int i = 200; i >= 1; --i) values.push_back(i);

  const Quantiles q = quantiles(values);

  EXPECT_EQ(q.count, 200U);
  EXPECT_EQ(q.p50, 100);
  EXPECT_EQ(q.p90, 180);
  EXPECT_EQ(q.p99, 198);
  EXPECT_EQ(q.max, 200);
  EXPECT_EQ(q.mean, 100.5);
}

TEST(QuantilesTest, OfOneValueAreThatValue) {
  const Quantiles q = quantiles({7});

  EXPECT_EQ(q.p50, 7);
  EXPECT_EQ(q.p99, 7);
}

TEST(QuantilesTest, OfNothingAreZero) {
  EXPECT_EQ(quantiles({}).max, 0);
}

}  // namespace
}  // namespace seendr::lab
