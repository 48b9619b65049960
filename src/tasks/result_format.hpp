// The bytes of a stored result: the JSON of celery-task-meta-<id>. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "tasks/iso_time.hpp"

namespace seendr::tasks {

enum class State : std::uint8_t {
  pending,  // Not stored: unknown, waiting or running.
  started,
  progress,  // Running; the value says how far it is. Not final.
  retry,     // Failed, and will be tried again.
  success,
  failure,
  revoked,
  other,  // A name of somebody's own; not final.
};

constexpr bool is_final(State state) {
  return state == State::success || state == State::failure || state == State::revoked;
}

std::string_view name_of(State state);  // "SUCCESS"

// A Python exception: what it was called, made with, and where it is from.
struct Failure {
  std::string type;
  json::array arguments;
  std::string module = "builtins";

  std::string text() const;     // "ValueError: boom, 42"
  json::object object() const;  // As it is stored.
};

struct Result {
  std::string task_id;
  State state = State::pending;
  json::value value;               // Of a success, or of another state what was stored with it.
  std::optional<Failure> failure;  // With failure and revoked; with retry if there was one.
  std::string traceback;
  std::optional<Time> done;  // With the final states.
  std::string parent_id;
  std::string group_id;
};

std::string encode(const Result& result);

// Reads what Celery 4 to 5.6 store. nullopt for anything else.
std::optional<Result> decode_result(std::string_view text);

}  // namespace seendr::tasks
