#include "tasks/retry.hpp"

#include <algorithm>

namespace seendr::tasks {

namespace {

std::string text_of(const std::string& type, const json::array& arguments) {
  return Failure{type, arguments}.text();
}

}  // namespace

TaskError::TaskError(std::string type, json::array arguments, std::string module)
    : std::runtime_error(text_of(type, arguments)),
      failure_{std::move(type), std::move(arguments), std::move(module)} {}

TaskError& TaskError::final() {
  final_ = true;
  return *this;
}

TaskError& TaskError::after(Millis delay) {
  delay_ = delay;
  return *this;
}

Fault fault_of(const std::exception_ptr& error) {
  Fault fault;
  try {
    std::rethrow_exception(error);
  } catch (const TaskError& named) {
    fault.failure = named.failure();
    fault.final = named.is_final();
    fault.delay = named.delay();
  } catch (const system_error& system) {
    fault.failure.type = "OSError";
    fault.failure.arguments.emplace_back(what(system));
    fault.code = system.code();
  } catch (const std::exception& other) {
    fault.failure.type = "RuntimeError";
    fault.failure.arguments.emplace_back(what(other));
  } catch (...) {
    fault.failure.type = "RuntimeError";
    fault.failure.arguments.emplace_back("unknown");
  }
  return fault;
}

std::optional<Millis> retry_delay(const RetryPolicy& policy, const Fault& fault, int retries,
                                  Random& random) {
  const auto& finals = policy.final_errors;
  const bool listed =
      fault.code && std::find(finals.begin(), finals.end(), fault.code) != finals.end();
  if (fault.final || listed || retries >= policy.max) return std::nullopt;
  if (fault.delay) return fault.delay;
  Millis limit = std::min(policy.base, policy.cap);
  for (int i = 0; i < retries && limit < policy.cap; ++i) limit = std::min(2 * limit, policy.cap);
  return Millis(random.below(static_cast<std::uint64_t>(limit.count()) + 1));
}

}  // namespace seendr::tasks
