// When a failed task is tried again. Pure.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/env.hpp"
#include "base/error.hpp"
#include "tasks/result_format.hpp"

namespace seendr::tasks {

struct RetryPolicy {
  int max = 0;          // Attempts after the first.
  Millis base{1000};    // Upper limit of the first delay; each one doubles it ...
  Millis cap{600'000};  // ... up to this.
  std::vector<error_code> final_errors = {};  // After these there is no other attempt.
};

// What a handler throws to name the exception that the result shows.
class TaskError : public std::runtime_error {
 public:
  // `type`: a Python exception's name; one of `module`, where Python finds it.
  TaskError(std::string type, json::array arguments, std::string module = "builtins");

  // No other attempt, whatever the policy says.
  TaskError& final();

  // Another attempt after exactly this delay, if the policy allows one more.
  TaskError& after(Millis delay);

  const Failure& failure() const { return failure_; }
  bool is_final() const { return final_; }
  std::optional<Millis> delay() const { return delay_; }

 private:
  Failure failure_;
  bool final_ = false;
  std::optional<Millis> delay_;
};

// An attempt that failed.
struct Fault {
  Failure failure;
  error_code code = {};  // Of a system_error.
  bool final = false;
  std::optional<Millis> delay = {};
};

Fault fault_of(const std::exception_ptr& error);

// How long until the next attempt, after `retries` of them; nullopt when that was the last. The
// delay is anything between zero and its upper limit ("full jitter"), so that those who failed
// together do not come back together.
// Source: "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
std::optional<Millis> retry_delay(const RetryPolicy& policy, const Fault& fault, int retries,
                                  Random& random);

}  // namespace seendr::tasks
