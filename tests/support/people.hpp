// The people of the tests.
#pragma once

#include "base/ids.hpp"

namespace seendr {

inline constexpr UserId kAda{11};
inline constexpr UserId kBob{12};
inline constexpr UserId kCleo{13};
inline constexpr UserId kDan{14};
inline constexpr UserId kNoor{15};

}  // namespace seendr
