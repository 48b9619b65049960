#include "match/waits.hpp"

#include <algorithm>
#include <cmath>

namespace seendr::match {
namespace {

constexpr double kHalfLifeMs = 5 * 60'000;
constexpr double kEnough = 10;
constexpr double kFirstMs = 10;  // Upper limit of the first bucket.
constexpr double kGrowth = 1.2;  // From one bucket's limit to the next.

}  // namespace

void Waits::note(Millis wait, std::int64_t now_ms) {
  const double passed = static_cast<double>(std::max<std::int64_t>(0, now_ms - faded_at_ms_));
  const double fade = std::exp2(-passed / kHalfLifeMs);
  for (double& weight : weight_) weight *= fade;
  total_ = total_ * fade + 1;
  faded_at_ms_ = now_ms;
  weight_[bucket_of(wait)] += 1;
}

std::optional<WaitQuantiles> Waits::quantiles() const {
  if (total_ < kEnough) return std::nullopt;
  return WaitQuantiles{quantile(0.5), quantile(0.9)};
}

std::size_t Waits::bucket_of(Millis wait) {
  const double ms = static_cast<double>(wait.count());
  if (ms <= kFirstMs) return 0;
  const double steps = std::ceil(std::log(ms / kFirstMs) / std::log(kGrowth));
  return std::min(kBuckets - 1, static_cast<std::size_t>(steps));
}

Millis Waits::quantile(double share) const {
  double seen = 0;
  std::size_t bucket = 0;
  for (; bucket + 1 < kBuckets; ++bucket) {
    seen += weight_[bucket];
    if (seen >= share * total_) break;
  }
  const double limit = kFirstMs * std::pow(kGrowth, static_cast<double>(bucket));
  return Millis(std::llround(limit));
}

void WaitsByLanguage::note(const std::string& language, Millis wait, std::int64_t now_ms) {
  waits_[language].note(wait, now_ms);
  if (waits_.size() <= kLanguages) return;
  const auto longest_ago = std::min_element(waits_.begin(), waits_.end(), [](auto& a, auto& b) {
    return a.second.noted_ms() < b.second.noted_ms();
  });
  waits_.erase(longest_ago);
}

std::optional<WaitQuantiles> WaitsByLanguage::quantiles(const std::string& language) const {
  const auto found = waits_.find(language);
  if (found == waits_.end()) return std::nullopt;
  return found->second.quantiles();
}

}  // namespace seendr::match
