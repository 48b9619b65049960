// When a partner is good enough: how many shared interests a search asks for now. Pure.
//
// A market needs a moment to become thick; but waiting is useless when nobody new will come or when
// the crowd is already here. So the time waited counts together with the time that it took the
// present crowd to arrive (others / rate), and a curve turns it into the share of the person's own
// interests that a partner must have: from all of them at once to none in the end.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/env.hpp"
#include "match/person.hpp"

namespace seendr::match {

struct CurvePoint {
  Millis after{0};
  double share = 1;  // 0 to 1.

  bool operator==(const CurvePoint&) const = default;
};

// Linear between its points, constant before the first and after the last.
class RelaxCurve {
 public:
  // From everything at once to nothing after `relax`.
  static RelaxCurve linear(Millis relax);

  // nullopt unless times grow, shares lie in 0 to 1 and never grow, and there is a point.
  static std::optional<RelaxCurve> through(std::vector<CurvePoint> points);

  double share_at(double waited_ms) const;

  // The earliest time at which the share is at most this; nullopt: never.
  std::optional<double> reaches(double share) const;

  // Index of the next point; the number of points when all have passed.
  std::size_t step_at(double waited_ms) const;

 private:
  explicit RelaxCurve(std::vector<CurvePoint> points) : points_(std::move(points)) {}

  std::vector<CurvePoint> points_;
};

// What there is to choose from, by language (Engine::crowd).
struct Crowd {
  std::size_t others = 0;  // Live tickets that share a language with the person, without their own.
  double joins_per_s = 0;  // How fast such tickets arrive.
};

// Milliseconds that count as waited; infinite when nobody arrives any more.
double effective_wait_ms(Millis waited, const Crowd& crowd);

// What the need depends on besides time.
struct Demand {
  Policy policy = Policy::prefer;
  int min_shared = 1;
  std::size_t interests = 0;
  bool standing = true;  // false: one search, answered at once.
};

// Shared interests asked for after `waited_ms` (effective).
int need(const RelaxCurve& curve, const Demand& demand, double waited_ms);

// How long until need() falls, everything else unchanged; nullopt: it stays as it is.
std::optional<Millis> next_need_in(const RelaxCurve& curve, const Demand& demand, double waited_ms);

// Arrivals a second as an exponentially decaying mean. Times must not go back.
class ArrivalRate {
 public:
  explicit ArrivalRate(Millis window) : window_(window) {}

  void note(std::int64_t now_ms);
  double per_second(std::int64_t now_ms) const;

 private:
  double decayed(std::int64_t now_ms) const;

  Millis window_;
  double weight_ = 0;  // Arrivals, each faded by its age, as of last_ms_.
  std::int64_t last_ms_ = 0;
};

}  // namespace seendr::match
