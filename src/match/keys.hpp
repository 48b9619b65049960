// The Redis keys of the matcher. All keys of a shard share its hash tag, so they are in one slot.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/ids.hpp"

namespace seendr::match {

inline std::string shard_key(std::string_view shard, std::string_view thing) {
  return "seendr:match:{" + std::string(shard) + "}:" + std::string(thing);
}

// `hour`: yyyy-mm-ddThh, UTC.
inline std::string trending_key(std::string_view shard, std::string_view hour) {
  return shard_key(shard, "trending:" + std::string(hour));
}

// For scripts that count nothing.
inline constexpr std::string_view kNoHour = "none";

// What every script of a shard takes, in this order.
inline std::array<std::string, 7> shard_keys(std::string_view shard, std::string_view hour) {
  return {shard_key(shard, "people"), shard_key(shard, "lease"), shard_key(shard, "rooms"),
          shard_key(shard, "log"),    shard_key(shard, "meta"),  shard_key(shard, "instances"),
          trending_key(shard, hour)};
}

// Session counter, shard, recent partners.
inline std::string person_key(UserId user) {
  return "seendr:match:person:{" + user.text() + "}";
}

}  // namespace seendr::match
