// How long people usually wait: quantiles of a histogram in which older waits fade. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "match/report.hpp"

namespace seendr::match {

class Waits {
 public:
  // `now_ms`: any clock that does not go back.
  void note(Millis wait, std::int64_t now_ms);

  // nullopt until some ten waits were noted lately. Right to about a fifth.
  std::optional<WaitQuantiles> quantiles() const;

  std::int64_t noted_ms() const { return faded_at_ms_; }  // When the last was noted.

 private:
  static constexpr std::size_t kBuckets = 64;  // The last one begins at some 20 minutes.

  static std::size_t bucket_of(Millis wait);
  Millis quantile(double share) const;

  std::array<double, kBuckets> weight_{};
  double total_ = 0;
  std::int64_t faded_at_ms_ = 0;
};

// The same for each language. People may name any: the 1024 are kept that were noted last.
class WaitsByLanguage {
 public:
  void note(const std::string& language, Millis wait, std::int64_t now_ms);
  std::optional<WaitQuantiles> quantiles(const std::string& language) const;

 private:
  static constexpr std::size_t kLanguages = 1024;

  std::map<std::string, Waits> waits_;
};

}  // namespace seendr::match
