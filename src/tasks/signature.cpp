#include "tasks/signature.hpp"

#include "tasks/message_format.hpp"

namespace seendr::tasks {

namespace {

// What has the result of a chain or a chord; else nullptr.
json::object* result_of(json::object& signature) {
  const std::string type = member_text(signature, "subtask_type");
  json::value* kwargs = signature.if_contains("kwargs");
  if (!kwargs || !kwargs->is_object()) return nullptr;
  json::value* inner = nullptr;
  if (type == "chord") inner = kwargs->get_object().if_contains("body");
  if (type == "chain") {
    json::value* tasks = kwargs->get_object().if_contains("tasks");
    json::array* list = tasks ? tasks->if_array() : nullptr;
    if (list && !list->empty()) inner = &list->back();
  }
  return inner ? inner->if_object() : nullptr;
}

// What is told of the whole counts for its end: its place always, its id if that has none.
void add_ends(const json::object& signature, Place place, std::string id, std::vector<End>& ends) {
  if (const json::object* options = member_object(signature, "options")) {
    if (!place.body) place = place_in(*options);
    const std::string own = member_text(*options, "task_id");
    if (!own.empty()) id = own;
  }
  const std::string type = member_text(signature, "subtask_type");
  if (type == "chord") {
    const json::object* kwargs = member_object(signature, "kwargs");
    const json::object* body = kwargs ? member_object(*kwargs, "body") : nullptr;
    if (body) add_ends(*body, std::move(place), std::move(id), ends);
  } else if (type == "chain") {
    const json::array* tasks = tasks_in(signature);
    const json::value* last = tasks && !tasks->empty() ? &tasks->back() : nullptr;
    if (last && last->is_object()) {
      add_ends(last->get_object(), std::move(place), std::move(id), ends);
    }
  } else if (type == "group") {
    const json::array* tasks = tasks_in(signature);
    if (!tasks) return;
    const std::size_t before = ends.size();
    for (const json::value& task : *tasks) {
      if (!task.is_object()) continue;
      Place next = place;
      if (next.index) *next.index += static_cast<std::int64_t>(ends.size() - before);
      add_ends(task.get_object(), std::move(next), {}, ends);
    }
  } else if (!member_text(signature, "task").empty()) {
    ends.push_back(End{std::move(id), std::move(place)});
  }
}

}  // namespace

const json::object* member_object(const json::object& of, std::string_view key) {
  const json::value* found = of.if_contains(key);
  return found ? found->if_object() : nullptr;
}

const json::array* member_array(const json::object& of, std::string_view key) {
  const json::value* found = of.if_contains(key);
  return found ? found->if_array() : nullptr;
}

std::string member_text(const json::object& of, std::string_view key) {
  const json::value* found = of.if_contains(key);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::optional<double> member_number(const json::object& of, std::string_view key) {
  const json::value* found = of.if_contains(key);
  if (!found || !found->is_number()) return std::nullopt;
  return found->to_number<double>();
}

bool is_immutable(const json::object& signature) {
  const json::value* found = signature.if_contains("immutable");
  return found && found->is_bool() && found->get_bool();
}

json::object& options_in(json::object& signature) {
  json::value& options = signature["options"];
  if (!options.is_object()) options.emplace_object();
  return options.get_object();
}

const json::array* tasks_in(const json::object& signature) {
  const json::object* kwargs = member_object(signature, "kwargs");
  return kwargs ? member_array(*kwargs, "tasks") : nullptr;
}

std::string id_in(json::object& signature, Random& random) {
  json::object& options = options_in(signature);
  std::string id = member_text(options, "task_id");
  if (json::object* inner = result_of(signature)) {
    if (!id.empty() && !options_in(*inner).contains("task_id")) options_in(*inner)["task_id"] = id;
    return id_in(*inner, random);
  }
  if (id.empty()) {
    id = make_uuid(random);
    options["task_id"] = id;
  }
  return id;
}

Place place_in(const json::object& options) {
  Place place;
  place.group = member_text(options, "group_id");
  if (!place.group.empty()) place.body = member_object(options, "chord");
  const std::optional<double> index = member_number(options, "group_index");
  if (index) place.index = static_cast<std::int64_t>(*index);
  return place;
}

std::vector<End> ends_of(const json::object& signature) {
  std::vector<End> ends;
  add_ends(signature, {}, {}, ends);
  return ends;
}

}  // namespace seendr::tasks
