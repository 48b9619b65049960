// What becomes of a message, by what happened to it. Pure.
#pragma once

#include <string>

#include "tasks/message_format.hpp"
#include "tasks/queues.hpp"
#include "tasks/retry.hpp"

namespace seendr::tasks {

// `now`: Redis' time, for what is written.

// Done; `done_ttl` as in Settlement.
Settlement succeeded(const Message& message, json::value value, Millis done_ttl, Time now);

// Another attempt after `delay`.
Settlement retried(const Message& message, const Fault& fault, Millis delay, Time now,
                   Random& random);

// Failed for good. `reason` is what the dead letter says: "failed", "unknown_task",
// "lost_workers", "refused".
Settlement failed(const Message& message, std::string envelope, const Failure& failure,
                  std::string_view reason, Time now);

// Redis refuses for good what would have been written of its end: `why` says how. It has failed,
// and nothing follows from it.
Settlement refused(const Message& message, std::string envelope, const std::string& why, Time now);

// Not run: "revoked", "expired".
Settlement revoked(const Message& message, std::string_view why, Time now);

// A message that is no task.
Settlement unreadable(std::string envelope, error_code why);

// For another worker, which is told that it had one before.
Settlement returned(std::string envelope);

Failure not_registered(const std::string& task);
Failure time_limit_exceeded(Millis limit);
Failure worker_lost();
Failure too_many_steps();  // Follow from a task. Its letter says "too_many_steps".

}  // namespace seendr::tasks
