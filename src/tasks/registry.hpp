// The tasks that a worker knows: handlers by name.
//
//   registry.on("mail.send", {.retry = {.max = 5}}, send_mail);
//
//   awaitable<json::value> send_mail(TaskContext& task) {
//     const std::string to(task.args().at(0).as_string());
//     ...
//     co_return nullptr;
//   }
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/net.hpp"
#include "tasks/context.hpp"
#include "tasks/retry.hpp"

namespace seendr::tasks {

// Returns the task's result. What it throws becomes a failure, and perhaps another attempt. Runs on
// the worker's executor: what blocks or takes long there belongs into an Offload, or the worker
// cannot renew its leases. Ends soon when cancelled.
using Handler = std::function<awaitable<json::value>(TaskContext& task)>;

struct KindOptions {
  RetryPolicy retry = {};
  Millis time_limit{0};         // Of one attempt; zero: none but the sender's.
  std::size_t concurrency = 0;  // At once in a worker; zero: what its queues allow.

  // A task that is done is remembered by its id, so that another message with that id is
  // acknowledged only.
  bool idempotent = false;
  Millis done_ttl{86'400'000};  // For how long.
};

struct Kind {
  std::string name;
  KindOptions options;
  Handler handler;
};

class Registry {
 public:
  // Requires: no handler of that name yet.
  void on(std::string name, KindOptions options, Handler handler);

  // Valid as long as the registry; nullptr when the task is not known.
  const Kind* find(std::string_view name) const;

  std::vector<std::string> names() const;  // Sorted.

 private:
  std::map<std::string, Kind, std::less<>> kinds_;
};

}  // namespace seendr::tasks
