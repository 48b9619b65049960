// The Redis keys of the leaderboards. All keys of a board share its hash tag, so they are in one
// slot of a cluster.
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "leaderboard/window.hpp"

namespace seendr::leaderboard {

// What a board is narrowed down to, e.g. {"en", "eu"}; empty: the board of everybody. Each part is
// not empty and has no ':', '{' or '}'.
using Scope = std::vector<std::string>;

inline std::string board_prefix(std::string_view board, const Scope& scope, Window window) {
  std::string key = "seendr:leaderboard:{" + std::string(board);
  for (const std::string& part : scope) key += ":" + part;
  return key + "}:" + std::string(name_of(window)) + ":";
}

// `prefix`: of board_prefix() for these five.
inline std::string count_key(const std::string& prefix, std::int64_t slice) {
  return prefix + "count:" + std::to_string(slice);
}
inline std::string crowd_key(const std::string& prefix, std::int64_t slice) {
  return prefix + "crowd:" + std::to_string(slice);
}
inline std::string votes_key(const std::string& prefix) {
  return prefix + "votes";
}
inline std::string ranking_key(const std::string& prefix, std::int64_t tick) {
  return prefix + "ranking:" + std::to_string(tick);
}
inline std::string work_key(const std::string& ranking) {
  return ranking + ":work";
}

// A moment in UTC, as strftime writes it.
inline std::string utc_text(std::int64_t unix_ms, const char* format) {
  const std::time_t seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), format, &parts);
  return std::string(text.data(), size);
}

// The matcher's counts of shared interests; it alone writes them. `hour`: since 1970.
inline std::string matched_key(const std::string& shard, std::int64_t hour) {
  return "seendr:match:{" + shard + "}:trending:" + utc_text(hour * kHour.count(), "%Y-%m-%dT%H");
}

// What is made of them is beside them, by the same hash tag.
inline std::string trending_prefix(const std::string& shard) {
  return "seendr:leaderboard:{" + shard + "}:trending:";
}
inline std::string day_sum_key(const std::string& shard, std::int64_t first_hour) {
  return trending_prefix(shard) + "sum:" + utc_text(first_hour * kHour.count(), "%Y-%m-%d");
}

}  // namespace seendr::leaderboard
