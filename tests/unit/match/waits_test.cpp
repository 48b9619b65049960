#include "match/waits.hpp"

#include <gtest/gtest.h>

namespace seendr::match {
namespace {

TEST(Waits, SayNothingUntilThereAreEnough) {
  Waits waits;
  for (int i = 0; i < 9; ++i) waits.note(Millis(100), 0);
  EXPECT_FALSE(waits.quantiles());
  waits.note(Millis(100), 0);
  EXPECT_TRUE(waits.quantiles());
}

TEST(Waits, QuantilesAreRightToAFifth) {
  Waits waits;
  for (int ms = 10; ms <= 10'000; ms += 10) waits.note(Millis(ms), 0);
  const auto quantiles = waits.quantiles();
  EXPECT_NEAR(static_cast<double>(quantiles->p50.count()), 5000, 1000);
  EXPECT_NEAR(static_cast<double>(quantiles->p90.count()), 9000, 1800);
}

TEST(Waits, OlderOnesFade) {
  Waits waits;
  for (int i = 0; i < 100; ++i) waits.note(Millis(60'000), 0);
  for (int i = 0; i < 100; ++i) waits.note(Millis(100), 3'600'000);
  EXPECT_LT(waits.quantiles()->p90, Millis(200));
}

TEST(Waits, EveryWaitHasItsPlace) {
  Waits waits;
  for (int i = 0; i < 10; ++i) waits.note(Millis(1'000'000'000), 0);
  EXPECT_GT(waits.quantiles()->p50, Millis(600'000));
  Waits none;
  for (int i = 0; i < 10; ++i) none.note(Millis(0), 0);
  EXPECT_EQ(none.quantiles()->p50, Millis(10));
}

TEST(WaitsByLanguage, KeepsThoseThatWereNotedLast) {
  WaitsByLanguage waits;
  std::int64_t now = 0;
  const auto note = [&](const std::string& language) {
    for (int i = 0; i < 10; ++i) waits.note(language, Millis(100), now);
    ++now;
  };
  note("en");
  note("fr");
  for (int i = 0; i < 1023; ++i) {
    note("x" + std::to_string(i));
    if (i == 500) note("en");
  }
  EXPECT_TRUE(waits.quantiles("en"));
  EXPECT_TRUE(waits.quantiles("x0"));
  EXPECT_FALSE(waits.quantiles("fr"));
  EXPECT_TRUE(waits.quantiles("x1022"));
  EXPECT_FALSE(waits.quantiles("de"));
}

}  // namespace
}  // namespace seendr::match
