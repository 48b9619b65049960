// How long what is read often may be kept: the one table of it.
//
// What a write can make stale is also taken out by that write (invalidator.hpp); these times bound
// what is left when it was not. `pool` and `online` are no cache entries but leases: the defaults
// of match.lease_ms, and of how long a process counts that says nothing.
#pragma once

#include "base/env.hpp"

namespace seendr::app::cache_ttl {

using namespace std::chrono_literals;

inline constexpr Millis kProfile = 1h;
inline constexpr Millis kAvatar = 5min;  // By browsers and proxies; nothing is kept here.
inline constexpr Millis kPool = 2min;
inline constexpr Millis kOnline = 30s;
inline constexpr Millis kLeaderboard = 5min;
inline constexpr Millis kSearchPage = 3min;
inline constexpr Millis kStatic = 24h;

}  // namespace seendr::app::cache_ttl
