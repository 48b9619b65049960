// What a handler knows of the attempt that it makes.
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <string>

#include "runtime/net.hpp"
#include "tasks/message_format.hpp"
#include "tasks/queues.hpp"
#include "tasks/result_format.hpp"

namespace seendr::tasks {

// Belongs to the worker; lives as long as the handler runs.
class TaskContext {
 public:
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;

  TaskContext(Queues& queues, const Message& message, const std::string& delivery)
      : queues_(queues), message_(message), delivery_(delivery) {}
  TaskContext(const TaskContext&) = delete;
  TaskContext& operator=(const TaskContext&) = delete;

  const Message& message() const { return message_; }
  const std::string& id() const { return message_.id; }
  const json::array& args() const { return message_.args; }
  const json::object& kwargs() const { return message_.kwargs; }

  int attempt() const { return message_.retries + 1; }  // 1 for the first.

  // The attempt is cancelled then, and fails.
  Deadline deadline() const { return deadline_; }

  // Somebody revoked the task, or the worker stops or lost it: the sooner the handler throws, the
  // better. What it returns after all counts.
  bool cancelled() const { return cancelled_; }

  // The attempt fails with `error` when the handler has returned: of a batch, this message alone.
  void fail(std::exception_ptr error) { failure_ = std::move(error); }

  // Stores how far the task is, as the state PROGRESS with `meta`.
  awaitable<void> progress(json::value meta) {
    Result state;
    state.task_id = message_.id;
    state.state = State::progress;
    state.value = std::move(meta);
    std::string text = encode(state);
    co_await queues_.report(delivery_, message_.id, std::move(text));
  }

 private:
  friend class Worker;

  Queues& queues_;
  const Message& message_;
  const std::string& delivery_;
  Deadline deadline_;
  bool cancelled_ = false;
  std::exception_ptr failure_;
};

}  // namespace seendr::tasks
