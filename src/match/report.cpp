#include "match/report.hpp"

#include <array>

namespace seendr::match {
namespace {

constexpr std::array<std::string_view, 9> kCloseReasons = {
    "left", "next", "no_show", "partner_lost", "blocked", "banned", "gone", "conflict", "expired"};
constexpr std::array<std::string_view, 4> kNoMatchReasons = {"empty_pool", "no_shared_interest",
                                                             "timeout", "cooldown"};
constexpr std::array<std::string_view, 2> kCancelReasons = {"replaced", "partner_lost"};

}  // namespace

std::string_view name(CloseReason reason) {
  return kCloseReasons.at(static_cast<std::size_t>(reason));
}

CloseReason parse_close_reason(std::string_view text) {
  for (std::size_t i = 0; i < kCloseReasons.size(); ++i) {
    if (kCloseReasons[i] == text) return static_cast<CloseReason>(i);
  }
  return CloseReason::gone;
}

std::string_view name(NoMatchReason reason) {
  return kNoMatchReasons.at(static_cast<std::size_t>(reason));
}

std::string_view name(CancelReason reason) {
  return kCancelReasons.at(static_cast<std::size_t>(reason));
}

}  // namespace seendr::match
