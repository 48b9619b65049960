#include "match/need.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace seendr::match {
namespace {

// So that 0.3 * 10 asks for three, whatever the last bit of the product is; and the same for times.
constexpr double kRounding = 1e-9;
constexpr double kRoundingMs = 1e-6;

int floor_of(const Demand& demand) {
  return demand.policy == Policy::strict ? demand.min_shared : 0;
}

bool waits(const Demand& demand) {
  return demand.standing && demand.policy != Policy::any;
}

}  // namespace

RelaxCurve RelaxCurve::linear(Millis relax) {
  if (relax <= Millis(0)) return RelaxCurve({{Millis(0), 0}});
  return RelaxCurve({{Millis(0), 1}, {relax, 0}});
}

std::optional<RelaxCurve> RelaxCurve::through(std::vector<CurvePoint> points) {
  if (points.empty()) return std::nullopt;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const CurvePoint& point = points[i];
    if (!(point.share >= 0 && point.share <= 1) || point.after < Millis(0)) return std::nullopt;
    if (i == 0) continue;
    if (point.after <= points[i - 1].after || point.share > points[i - 1].share)
      return std::nullopt;
  }
  return RelaxCurve(std::move(points));
}

double RelaxCurve::share_at(double waited_ms) const {
  const std::size_t next = step_at(waited_ms);
  if (next == 0) return points_.front().share;
  if (next == points_.size()) return points_.back().share;
  const CurvePoint& from = points_[next - 1];
  const CurvePoint& to = points_[next];
  const double span = static_cast<double>((to.after - from.after).count());
  const double gone = (waited_ms - static_cast<double>(from.after.count())) / span;
  return from.share + (to.share - from.share) * gone;
}

std::optional<double> RelaxCurve::reaches(double share) const {
  if (points_.front().share <= share) return 0;
  for (std::size_t i = 1; i < points_.size(); ++i) {
    const CurvePoint& from = points_[i - 1];
    const CurvePoint& to = points_[i];
    if (to.share > share) continue;
    const double span = static_cast<double>((to.after - from.after).count());
    return static_cast<double>(from.after.count()) +
           span * (from.share - share) / (from.share - to.share);
  }
  return std::nullopt;
}

std::size_t RelaxCurve::step_at(double waited_ms) const {
  std::size_t step = 0;
  while (step < points_.size() && static_cast<double>(points_[step].after.count()) <= waited_ms) {
    ++step;
  }
  return step;
}

double effective_wait_ms(Millis waited, const Crowd& crowd) {
  if (crowd.joins_per_s <= 0) return std::numeric_limits<double>::infinity();
  return static_cast<double>(waited.count()) +
         1000.0 * static_cast<double>(crowd.others) / crowd.joins_per_s;
}

int need(const RelaxCurve& curve, const Demand& demand, double waited_ms) {
  if (!waits(demand)) return floor_of(demand);
  const double wish = curve.share_at(waited_ms) * static_cast<double>(demand.interests);
  return std::max(floor_of(demand), static_cast<int>(std::ceil(wish - kRounding)));
}

std::optional<Millis> next_need_in(const RelaxCurve& curve, const Demand& demand,
                                   double waited_ms) {
  const int now = need(curve, demand, waited_ms);
  if (!waits(demand) || now <= floor_of(demand) || demand.interests == 0) return std::nullopt;
  const double share = (now - 1) / static_cast<double>(demand.interests);
  const std::optional<double> when = curve.reaches(share);
  if (!when) return std::nullopt;
  const double left = std::max(1.0, *when - waited_ms - kRoundingMs);
  return Millis(static_cast<std::int64_t>(std::ceil(left)));
}

void ArrivalRate::note(std::int64_t now_ms) {
  weight_ = decayed(now_ms) + 1;
  last_ms_ = std::max(last_ms_, now_ms);
}

double ArrivalRate::per_second(std::int64_t now_ms) const {
  return decayed(now_ms) * 1000.0 / static_cast<double>(window_.count());
}

double ArrivalRate::decayed(std::int64_t now_ms) const {
  const double age = static_cast<double>(std::max<std::int64_t>(0, now_ms - last_ms_));
  return weight_ * std::exp(-age / static_cast<double>(window_.count()));
}

}  // namespace seendr::match
