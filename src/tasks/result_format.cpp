#include "tasks/result_format.hpp"

#include <array>
#include <utility>

#include "tasks/json_text.hpp"

namespace seendr::tasks {

namespace {

constexpr std::array<std::pair<State, std::string_view>, 7> kStates{{
    {State::pending, "PENDING"},
    {State::started, "STARTED"},
    {State::progress, "PROGRESS"},
    {State::retry, "RETRY"},
    {State::success, "SUCCESS"},
    {State::failure, "FAILURE"},
    {State::revoked, "REVOKED"},
}};

State state_of(std::string_view name) {
  for (const auto& [state, text] : kStates) {
    if (text == name) return state;
  }
  return State::other;
}

bool holds_failure(State state) {
  return state == State::failure || state == State::retry || state == State::revoked;
}

std::string text_in(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  const json::string* text = found ? found->if_string() : nullptr;
  return text ? std::string(*text) : std::string();
}

Failure read_failure(const json::value& value) {
  Failure failure;
  const json::object* object = value.if_object();
  if (!object) {  // Not what Celery writes; the text is all there is.
    failure.type = "Exception";
    failure.arguments.push_back(value);
    return failure;
  }
  failure.type = text_in(*object, "exc_type");
  failure.module = text_in(*object, "exc_module");
  const json::value* message = object->if_contains("exc_message");
  if (message && message->is_array()) {
    failure.arguments = message->get_array();
  } else if (message && !message->is_null()) {
    failure.arguments.push_back(*message);
  }
  return failure;
}

json::value text_or_nothing(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

}  // namespace

std::string_view name_of(State state) {
  for (const auto& [known, text] : kStates) {
    if (known == state) return text;
  }
  return "OTHER";
}

std::string Failure::text() const {
  std::string text = type;
  for (const json::value& argument : arguments) {
    text += &argument == arguments.data() ? ": " : ", ";
    text += argument.is_string() ? std::string(argument.get_string()) : json::serialize(argument);
  }
  return text;
}

json::object Failure::object() const {
  json::object object;
  object["exc_type"] = type;
  object["exc_message"] = arguments;
  object["exc_module"] = module;
  return object;
}

std::string encode(const Result& result) {
  json::object object;
  object["status"] = name_of(result.state);
  if (result.failure) {
    object["result"] = result.failure->object();
  } else {
    object["result"] = result.value;
  }
  object["traceback"] = text_or_nothing(result.traceback);
  object["children"] = json::array();
  object["date_done"] = result.done ? json::value(to_iso(*result.done)) : json::value(nullptr);
  object["task_id"] = result.task_id;
  if (!result.parent_id.empty()) object["parent_id"] = result.parent_id;
  if (!result.group_id.empty()) object["group_id"] = result.group_id;
  return write_json(object);
}

std::optional<Result> decode_result(std::string_view text) {
  const std::optional<json::value> parsed = read_json(text);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const json::object& object = parsed->get_object();
  Result result;
  result.task_id = text_in(object, "task_id");
  const std::string status = text_in(object, "status");
  if (result.task_id.empty() || status.empty()) return std::nullopt;
  result.state = state_of(status);
  const json::value* found = object.if_contains("result");
  json::value value = found ? untagged(*found) : json::value();
  if (!holds_failure(result.state)) {
    result.value = std::move(value);
  } else if (!value.is_null()) {
    result.failure = read_failure(value);
  }
  result.traceback = text_in(object, "traceback");
  result.parent_id = text_in(object, "parent_id");
  result.group_id = text_in(object, "group_id");
  result.done = from_iso(text_in(object, "date_done"));
  return result;
}

}  // namespace seendr::tasks
