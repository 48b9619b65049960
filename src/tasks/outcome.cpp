#include "tasks/outcome.hpp"

#include "tasks/json_text.hpp"

namespace seendr::tasks {

namespace {

std::int64_t millis_of(Time time) {
  return std::chrono::ceil<Millis>(time.time_since_epoch()).count();
}

Result result_for(const Message& message) {
  Result result;
  result.task_id = message.id;
  result.parent_id = message.parent_id;
  const json::value* group = message.headers.if_contains("group");
  if (group && group->is_string()) result.group_id = std::string(group->get_string());
  return result;
}

// Nothing when the sender wants none.
std::string result_text(const Message& message, State state, const Failure& failure, Time now) {
  if (message.ignore_result) return "";
  Result result = result_for(message);
  result.state = state;
  result.failure = failure;
  if (is_final(state)) result.done = now;
  return encode(result);
}

std::string letter(std::string_view reason, const std::string& exception, const Message& message) {
  json::object fields;
  fields["reason"] = reason;
  fields["exception"] = exception;
  fields["task"] = message.task;
  fields["id"] = message.id;
  return write_json(fields);
}

}  // namespace

Settlement succeeded(const Message& message, json::value value, Millis done_ttl, Time now) {
  Settlement settlement;
  settlement.task_id = message.id;
  settlement.done_ttl = done_ttl;
  settlement.ended = State::success;
  settlement.value = value;
  if (message.ignore_result) return settlement;
  Result result = result_for(message);
  result.state = State::success;
  result.value = std::move(value);
  result.done = now;
  settlement.result = encode(result);
  return settlement;
}

Settlement retried(const Message& message, const Fault& fault, Millis delay, Time now,
                   Random& random) {
  Message again = message;
  again.retries = message.retries + 1;
  again.eta = now + delay;
  again.parent_id = message.id;
  again.delivery_tag = make_uuid(random);
  again.deliveries = 0;
  again.headers.erase("seendr_deliveries");
  Settlement settlement;
  settlement.fate = Fate::later;
  settlement.envelope = encode(again);
  settlement.due_ms = millis_of(*again.eta);
  settlement.task_id = message.id;
  settlement.result = result_text(message, State::retry, fault.failure, now);
  settlement.failure = fault.failure;
  return settlement;
}

Settlement failed(const Message& message, std::string envelope, const Failure& failure,
                  std::string_view reason, Time now) {
  Settlement settlement;
  settlement.fate = Fate::bury;
  settlement.envelope = std::move(envelope);
  settlement.reason = letter(reason, failure.text(), message);
  settlement.task_id = message.id;
  settlement.result = result_text(message, State::failure, failure, now);
  settlement.ended = State::failure;
  settlement.failure = failure;
  return settlement;
}

Settlement refused(const Message& message, std::string envelope, const std::string& why, Time now) {
  Failure failure;
  failure.type = "BackendStoreError";
  failure.arguments.emplace_back(why);
  failure.module = "celery.exceptions";
  Settlement settlement = failed(message, std::move(envelope), failure, "refused", now);
  settlement.ended = State::pending;
  return settlement;
}

Settlement revoked(const Message& message, std::string_view why, Time now) {
  Failure failure;
  failure.type = "TaskRevokedError";
  failure.arguments.emplace_back(why);
  failure.module = "celery.exceptions";
  Settlement settlement;
  settlement.task_id = message.id;
  settlement.result = result_text(message, State::revoked, failure, now);
  settlement.ended = State::revoked;
  settlement.failure = failure;
  return settlement;
}

Settlement unreadable(std::string envelope, error_code why) {
  Settlement settlement;
  settlement.fate = Fate::bury;
  settlement.envelope = std::move(envelope);
  settlement.reason = letter("malformed", why.message(), Message());
  return settlement;
}

Settlement returned(std::string envelope) {
  Settlement settlement;
  settlement.fate = Fate::back;
  settlement.envelope = redelivered(std::move(envelope), 0);
  return settlement;
}

Failure not_registered(const std::string& task) {
  Failure failure;
  failure.type = "NotRegistered";
  failure.arguments.emplace_back(task);
  failure.module = "celery.exceptions";
  return failure;
}

Failure time_limit_exceeded(Millis limit) {
  Failure failure;
  failure.type = "TimeLimitExceeded";
  failure.arguments.emplace_back(static_cast<double>(limit.count()) / 1000);
  failure.module = "billiard.exceptions";
  return failure;
}

Failure too_many_steps() {
  Failure failure;
  failure.type = "OverflowError";
  failure.arguments.emplace_back("too many steps, or too large");
  return failure;
}

Failure worker_lost() {
  Failure failure;
  failure.type = "WorkerLostError";
  failure.arguments.emplace_back("Workers ended again and again while they had this task");
  failure.module = "billiard.exceptions";
  return failure;
}

}  // namespace seendr::tasks
