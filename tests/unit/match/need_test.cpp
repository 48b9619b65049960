#include "match/need.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace seendr::match {
namespace {

using namespace std::chrono_literals;

constexpr double kForever = std::numeric_limits<double>::infinity();
const RelaxCurve kLinear = RelaxCurve::linear(5000ms);

Demand prefer(std::size_t interests) {
  return Demand{Policy::prefer, 1, interests, true};
}

TEST(Need, FallsFromAllInterestsToNone) {
  struct Row {
    double waited_ms;
    int of_ten;
    int of_three;
  };
  for (const Row& row :
       {Row{0, 10, 3}, Row{1, 10, 3}, Row{499, 10, 3}, Row{500, 9, 3}, Row{1666, 7, 3},
        Row{1667, 7, 2}, Row{2500, 5, 2}, Row{3500, 3, 1}, Row{4499, 2, 1}, Row{4500, 1, 1},
        Row{4999, 1, 1}, Row{5000, 0, 0}, Row{kForever, 0, 0}}) {
    EXPECT_EQ(need(kLinear, prefer(10), row.waited_ms), row.of_ten) << row.waited_ms;
    EXPECT_EQ(need(kLinear, prefer(3), row.waited_ms), row.of_three) << row.waited_ms;
  }
}

TEST(Need, StaysAtTheMinimumOfAStrictSearch) {
  const Demand strict{Policy::strict, 2, 4, true};

  EXPECT_EQ(need(kLinear, strict, 0), 4);
  EXPECT_EQ(need(kLinear, strict, 4000), 2);
  EXPECT_EQ(need(kLinear, strict, kForever), 2);
}

TEST(Need, IsNothingForWhomAnybodyWillDo) {
  EXPECT_EQ(need(kLinear, Demand{Policy::any, 3, 10, true}, 0), 0);
}

TEST(Need, DoesNotMakeASingleSearchWait) {
  EXPECT_EQ(need(kLinear, Demand{Policy::prefer, 1, 10, false}, 0), 0);
  EXPECT_EQ(need(kLinear, Demand{Policy::any, 1, 10, false}, 0), 0);
  EXPECT_EQ(need(kLinear, Demand{Policy::strict, 3, 10, false}, 0), 3);
}

TEST(Need, IsNothingWithoutInterests) {
  EXPECT_EQ(need(kLinear, prefer(0), 0), 0);
}

TEST(NextNeed, ComesWhenTheNeedFalls) {
  EXPECT_EQ(next_need_in(kLinear, prefer(10), 0), 500ms);
  EXPECT_EQ(next_need_in(kLinear, prefer(10), 499), 1ms);
  EXPECT_EQ(next_need_in(kLinear, prefer(3), 0), 1667ms);
  EXPECT_EQ(next_need_in(kLinear, prefer(3), 4000), 1000ms);
}

TEST(NextNeed, IsRightAtEveryMomentOfEveryCurve) {
  const std::vector<CurvePoint> points{{200ms, 1}, {1000ms, 0.6}, {1001ms, 0.35}, {7000ms, 0.1}};
  const RelaxCurve bent = *RelaxCurve::through(points);
  for (const RelaxCurve& curve : {kLinear, bent}) {
    for (const std::size_t interests : {1U, 3U, 7U, 10U}) {
      for (const Policy policy : {Policy::prefer, Policy::strict}) {
        const Demand demand{policy, 2, interests, true};
        for (double at = 0; at < 8000; at += 13) {
          const std::optional<Millis> in = next_need_in(curve, demand, at);
          const int now = need(curve, demand, at);
          const double last = in ? at + static_cast<double>(in->count()) - 1 : 10'000;

          ASSERT_EQ(need(curve, demand, last), now) << at;
          if (in) {
            ASSERT_LT(need(curve, demand, last + 1), now) << at;
          }
        }
      }
    }
  }
}

TEST(NextNeed, IsAbsentWhenNothingWillChange) {
  EXPECT_EQ(next_need_in(kLinear, prefer(10), 5000), std::nullopt);
  EXPECT_EQ(next_need_in(kLinear, prefer(10), kForever), std::nullopt);
  EXPECT_EQ(next_need_in(kLinear, Demand{Policy::any, 1, 10, true}, 0), std::nullopt);
  EXPECT_EQ(next_need_in(kLinear, Demand{Policy::strict, 10, 10, true}, 0), std::nullopt);
}

TEST(RelaxCurve, TellsTheIndexOfTheNextPoint) {
  const RelaxCurve curve = *RelaxCurve::through({{0ms, 1}, {1000ms, 0.5}, {4000ms, 0}});

  EXPECT_EQ(curve.step_at(0), 1U);
  EXPECT_EQ(curve.step_at(999), 1U);
  EXPECT_EQ(curve.step_at(1000), 2U);
  EXPECT_EQ(curve.step_at(kForever), 3U);
}

TEST(RelaxCurve, IsConstantOutsideItsPoints) {
  const RelaxCurve curve = *RelaxCurve::through({{1000ms, 0.8}, {2000ms, 0.2}});

  EXPECT_DOUBLE_EQ(curve.share_at(0), 0.8);
  EXPECT_DOUBLE_EQ(curve.share_at(1500), 0.5);
  EXPECT_DOUBLE_EQ(curve.share_at(99'000), 0.2);
}

TEST(RelaxCurve, RefusesPointsThatMakeNoSense) {
  EXPECT_FALSE(RelaxCurve::through({}));
  EXPECT_FALSE(RelaxCurve::through({{0ms, 1.1}}));
  EXPECT_FALSE(RelaxCurve::through({{0ms, -0.1}}));
  EXPECT_FALSE(RelaxCurve::through({{0ms, std::nan("")}}));
  EXPECT_FALSE(RelaxCurve::through({{-1ms, 1}}));
  EXPECT_FALSE(RelaxCurve::through({{0ms, 0.5}, {10ms, 0.6}}));
  EXPECT_FALSE(RelaxCurve::through({{10ms, 0.5}, {10ms, 0.4}}));
}

TEST(RelaxCurve, OfNoTimeAsksForNothing) {
  EXPECT_EQ(need(RelaxCurve::linear(0ms), prefer(10), 0), 0);
}

TEST(EffectiveWait, AddsTheTimeThatTheCrowdTookToArrive) {
  EXPECT_DOUBLE_EQ(effective_wait_ms(300ms, Crowd{50, 100}), 800);
  EXPECT_DOUBLE_EQ(effective_wait_ms(0ms, Crowd{0, 100}), 0);
}

TEST(EffectiveWait, IsInfiniteWhenNobodyArrives) {
  EXPECT_EQ(effective_wait_ms(0ms, Crowd{4000, 0}), kForever);
}

TEST(ArrivalRate, IsTheRateOfSteadyArrivals) {
  ArrivalRate rate(5000ms);
  for (int at_ms = 0; at_ms <= 60'000; at_ms += 100) rate.note(at_ms);

  EXPECT_NEAR(rate.per_second(60'000), 10, 0.2);
}

TEST(ArrivalRate, FadesWithTheWindow) {
  ArrivalRate rate(5000ms);
  EXPECT_EQ(rate.per_second(0), 0);

  for (int i = 0; i < 100; ++i) rate.note(1000);

  EXPECT_DOUBLE_EQ(rate.per_second(1000), 20);
  EXPECT_NEAR(rate.per_second(6000), 20 / std::exp(1), 1e-9);
  EXPECT_LT(rate.per_second(120'000), 1e-6);
}

TEST(ArrivalRate, SurvivesAClockThatGoesBack) {
  ArrivalRate rate(5000ms);
  rate.note(1000);
  rate.note(500);

  EXPECT_DOUBLE_EQ(rate.per_second(400), 0.4);
}

}  // namespace
}  // namespace seendr::match
