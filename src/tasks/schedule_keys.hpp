// The Redis keys of schedules. The list of a queue has the queue's name, as with Celery.
#pragma once

#include <string_view>

namespace seendr::tasks {

inline constexpr std::string_view kLeaderKey = "seendr:tasks:schedule:leader";
inline constexpr std::string_view kSettledKey = "seendr:tasks:schedule:settled";

}  // namespace seendr::tasks
