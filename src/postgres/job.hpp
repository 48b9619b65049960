// One call on its way from a coroutine to a database thread and back.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <mutex>

#include <pqxx/pqxx>

#include "base/env.hpp"
#include "runtime/net.hpp"

namespace seendr::postgres {

// The thread side calls begin() and finish(); the coroutine side waits and may give up. Once it has
// given up, its event loop is not touched any more.
class Job : public std::enable_shared_from_this<Job> {
 public:
  Job(Executor executor, std::function<void(pqxx::work&)> body)
      : executor_(executor), body_(std::move(body)) {}

  const std::function<void(pqxx::work&)>& body() const { return body_; }

  // Whether the call is still wanted; from then on it counts as running.
  bool begin();

  // Hands over the outcome: no error is success.
  void finish(std::exception_ptr error);

  // Waits until finished; rethrows its error. Throws timed_out when a thread does not take the call
  // within `wait_limit` or does not finish it within `call_limit` more.
  awaitable<void> outcome(Millis wait_limit, Millis call_limit);

 private:
  enum class Stage { waiting, running, given_up };

  class Waiting;
  bool give_up_waiting();

  const Executor executor_;
  std::function<void(pqxx::work&)> body_;

  std::mutex mutex_;  // Guards the stage, and posts to the executor.
  Stage stage_ = Stage::waiting;

  // Touched on the executor only, but for the error, which is handed over by the post.
  Timer* timer_ = nullptr;
  bool finished_ = false;
  std::exception_ptr error_;
};

}  // namespace seendr::postgres
