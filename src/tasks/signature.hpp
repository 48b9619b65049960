// Celery's signatures: what is to run, with its options; a task, or a chain, a group or a chord of
// signatures. Pure.
//
// A signature is {"task", "args", "kwargs", "options", "subtask_type", "immutable"}. A chain and a
// group have kwargs.tasks, a chord kwargs.header and kwargs.body.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.hpp"
#include "base/json.hpp"

namespace seendr::tasks {

// Members by name; nothing when they are missing or something else.
const json::object* member_object(const json::object& of, std::string_view key);
const json::array* member_array(const json::object& of, std::string_view key);
std::string member_text(const json::object& of, std::string_view key);
std::optional<double> member_number(const json::object& of, std::string_view key);

bool is_immutable(const json::object& signature);
json::object& options_in(json::object& signature);

// The signatures of a chain or a group; nullptr when there is no list of them.
const json::array* tasks_in(const json::object& signature);

// The id that the result of a signature will have; it gets one if it has none.
std::string id_in(json::object& signature, Random& random);

// The place in a chord that a task fills.
struct Place {
  const json::object* body = nullptr;  // What runs when all are filled; nullptr: there is none.
  std::string group;
  std::optional<std::int64_t> index;
};

// Of a task, by its options.
Place place_in(const json::object& options);

// A task that has a result of a signature.
struct End {
  std::string task_id;  // Empty when it is not known yet.
  Place place;          // Belongs to the signature.
};

// Of a chain, that of its last step; of a chord, that of its body; of a group, those of all.
std::vector<End> ends_of(const json::object& signature);

}  // namespace seendr::tasks
