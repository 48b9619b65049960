// The Redis keys of tasks and schedules: Celery's and kombu's as they are, our own beside them.
// docs/redis-keys.md.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace seendr::tasks {

// The lists of a queue, by step: kombu maps the priorities 0 to 9 down to 0, 3, 6 and 9.
inline constexpr std::array<std::string_view, 4> kSteps = {"", "\x06\x16\x33", "\x06\x16\x36",
                                                           "\x06\x16\x39"};  // 3, 6, 9

inline constexpr std::size_t step_of(int priority) {
  return priority < 3 ? 0 : priority < 6 ? 1 : priority < 9 ? 2 : 3;
}

inline std::string list_key(std::string_view queue, std::size_t step) {
  return std::string(queue) + std::string(kSteps[step]);
}

// The other way round: the queue that a list is one of.
inline std::string queue_of_list(std::string_view list) {
  for (const std::string_view step : kSteps) {
    if (!step.empty() && list.ends_with(step)) list.remove_suffix(step.size());
  }
  return std::string(list);
}

inline std::string result_key(std::string_view id) {
  return "celery-task-meta-" + std::string(id);
}

// What the parts of a chord left (.j), how many more (.t), how many there are (.s).
inline std::string chord_key(std::string_view group, std::string_view what) {
  return "celery-taskset-meta-" + std::string(group) + std::string(what);
}

// Celery's, of every worker of the database: what it has taken and not acknowledged, and when.
inline constexpr const char* kUnackedKey = "unacked";
inline constexpr const char* kUnackedIndexKey = "unacked_index";

inline constexpr const char* kMirroredKey = "seendr:tasks:mirrored";
inline constexpr const char* kHeldKey = "seendr:tasks:held";
inline constexpr const char* kLeasesKey = "seendr:tasks:leases";
inline constexpr const char* kTimersKey = "seendr:tasks:timers";
inline constexpr const char* kTimedKey = "seendr:tasks:timed";
inline constexpr const char* kDeadKey = "seendr:tasks:dead";
inline constexpr const char* kBuriedKey = "seendr:tasks:buried";
inline constexpr const char* kRevokedKey = "seendr:tasks:revoked";
inline constexpr const char* kTakenKey = "seendr:tasks:taken";
inline constexpr const char* kSweptKey = "seendr:tasks:swept";
inline constexpr const char* kScheduleLeaderKey = "seendr:tasks:schedule:leader";
inline constexpr const char* kScheduleSettledKey = "seendr:tasks:schedule:settled";

inline std::string done_key(std::string_view id) {
  return "seendr:tasks:done:" + std::string(id);
}

inline std::string unique_key(std::string_view name) {
  return "seendr:tasks:unique:" + std::string(name);
}

}  // namespace seendr::tasks
