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
#include <span>
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

  // What fails for good is kept as a dead letter. False: a later task makes up for it.
  bool buried = true;
};

struct BatchOptions {
  std::size_t max = 100;  // Messages of one call.
  Millis wait{100};       // For more of them, from the first on.
};

// The same for many messages of one kind, which are settled one by one afterwards: what it throws
// is a failure of each, TaskContext::fail() of one alone. Their result is null. The contexts live
// as long as the call.
using BatchHandler = std::function<awaitable<void>(std::span<TaskContext* const> tasks)>;

struct Kind {
  std::string name;
  KindOptions options;
  Handler handler;  // Or, of one that takes batches:
  BatchOptions batch = {};
  BatchHandler batch_handler = {};
};

class Registry {
 public:
  // Requires: no handler of that name yet.
  void on(std::string name, KindOptions options, Handler handler);

  // Messages are handed over together. `options.concurrency` and `time_limit` are those of a call;
  // of the limits of its messages the shortest counts.
  void on_batch(std::string name, KindOptions options, BatchOptions batch, BatchHandler handler);

  // Valid as long as the registry; nullptr when the task is not known.
  const Kind* find(std::string_view name) const;

  std::vector<std::string> names() const;  // Sorted.

 private:
  std::map<std::string, Kind, std::less<>> kinds_;
};

}  // namespace seendr::tasks
