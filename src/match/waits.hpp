// How long people usually wait: quantiles of a histogram in which older waits fade. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "match/report.hpp"

namespace seendr::match {

class Waits {
 public:
  // `now_ms`: any clock that does not go back.
  void note(Millis wait, std::int64_t now_ms);

  // nullopt until some ten waits were noted lately. Right to about a fifth.
  std::optional<WaitQuantiles> quantiles() const;

 private:
  static constexpr std::size_t kBuckets = 64;  // The last one begins at some 20 minutes.

  static std::size_t bucket_of(Millis wait);
  Millis quantile(double share) const;

  std::array<double, kBuckets> weight_{};
  double total_ = 0;
  std::int64_t faded_at_ms_ = 0;
};

}  // namespace seendr::match
