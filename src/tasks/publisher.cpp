#include "tasks/publisher.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "tasks/json_text.hpp"
#include "tasks/keys.hpp"

namespace seendr::tasks {

namespace {

// Options of a group or a chord that are not its members'.
constexpr std::array<std::string_view, 7> kOfTheWhole = {
    "task_id", "group_id", "group_index", "chord", "chain", "link", "link_error"};

// Options of a chain that are its last step's.
constexpr std::array<std::string_view, 3> kOfTheEnd = {"group_id", "group_index", "chord"};

// Options that were told of a whole count for a part of it, as if they were its own.
template <std::size_t N>
void take_over(json::object& options, const json::object& told,
               const std::array<std::string_view, N>& but) {
  for (const auto& [key, value] : told) {
    const std::string_view name(key.data(), key.size());
    if (std::find(but.begin(), but.end(), name) != but.end()) continue;
    if (name == "stamped_headers" && options.contains(name)) continue;  // With stamps of its own.
    options[key] = value;
  }
}

// A list is made longer by another one.
void append(json::array& list, const json::object& from, std::string_view key) {
  const json::array* more = member_array(from, key);
  if (more) list.insert(list.end(), more->begin(), more->end());
}

void append(json::object& options, const json::object& from, std::string_view key) {
  if (!member_array(from, key)) return;
  json::array list;
  append(list, options, key);
  append(list, from, key);
  options[key] = std::move(list);
}

// Celery 5.3 and later: options named in "stamped_headers" are stamps, which go along.
void stamp(Message& message, const json::object& options) {
  const json::array* names = member_array(options, "stamped_headers");
  if (!names) return;
  json::object stamps;
  for (const json::value& name : *names) {
    const json::value* found = name.is_string() ? options.if_contains(name.get_string()) : nullptr;
    if (found) stamps[name.get_string()] = *found;
  }
  message.headers["stamped_headers"] = *names;
  message.headers["stamps"] = std::move(stamps);
}

}  // namespace

void Publisher::publish(json::object signature, const json::array& results, json::array chain) {
  if (++count_ > kMost) following_.too_much = true;
  if (following_.too_much) return;
  const std::string type = member_text(signature, "subtask_type");
  if (type == "chain") return publish_chain(std::move(signature), results, std::move(chain));
  if (type == "group") return publish_group(std::move(signature), results, std::move(chain));
  if (type == "chord") return publish_chord(std::move(signature), results, std::move(chain));
  publish_task(std::move(signature), results, std::move(chain));
}

void Publisher::publish_each(const json::object& of, std::string_view key,
                             const json::array& results) {
  const json::array* list = member_array(of, key);
  if (!list) return;
  for (const json::value& one : *list) {
    if (one.is_object()) publish(one.get_object(), results, json::array());
  }
}

void Publisher::give_up(const json::object& signature, const Failure& failure) {
  Result result;
  result.state = State::failure;
  result.failure = failure;
  result.done = now_;
  for (const End& end : ends_of(signature)) {
    if (end.task_id.empty()) continue;
    result.task_id = end.task_id;
    following_.stored.emplace_back(result_key(end.task_id), encode(result));
  }
  const json::object* options = member_object(signature, "options");
  const json::array* behind = options ? member_array(*options, "chain") : nullptr;
  if (!behind) return;
  for (const json::value& step : *behind) {
    if (step.is_object()) give_up(step.get_object(), failure);
  }
}

// An option that is a number of seconds from now, or a time as text.
std::optional<Time> Publisher::moment(const json::object& options, std::string_view key) const {
  if (const auto count = member_number(options, key)) {
    const double seconds = std::clamp(*count, 0.0, 1e9);
    return now_ + std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
  }
  const json::value* found = options.if_contains(key);
  if (!found) return std::nullopt;
  const json::value plain = untagged(*found);
  return plain.is_string() ? from_iso(plain.get_string()) : std::nullopt;
}

void Publisher::publish_task(json::object signature, const json::array& results,
                             json::array chain) {
  Message next;
  next.task = member_text(signature, "task");
  if (next.task.empty()) return;
  next.id = id_in(signature, random_);
  const json::object& options = options_in(signature);
  if (!is_immutable(signature)) next.args = results;
  append(next.args, signature, "args");
  if (const json::object* kwargs = member_object(signature, "kwargs")) next.kwargs = *kwargs;
  next.queue = member_text(options, "queue");
  if (next.queue.empty() || next.queue.find('\n') != std::string::npos) next.queue = parent_.queue;
  next.priority =
      static_cast<int>(std::clamp(member_number(options, "priority").value_or(0), 0.0, 9.0));
  next.reply_to = member_text(options, "reply_to");
  if (next.reply_to.empty()) next.reply_to = parent_.reply_to;
  next.root_id = parent_.root_id.empty() ? parent_.id : parent_.root_id;
  next.parent_id = parent_.id;
  next.delivery_tag = make_uuid(random_);
  const bool waits = member_number(options, "countdown").value_or(0) > 0;
  next.eta = moment(options, waits ? "countdown" : "eta");
  next.expires = moment(options, "expires");
  next.time_limit_s = member_number(options, "time_limit");
  next.soft_time_limit_s = member_number(options, "soft_time_limit");
  if (const json::value* group = options.if_contains("group_id")) next.headers["group"] = *group;
  if (const json::value* place = options.if_contains("group_index")) {
    next.headers["group_index"] = *place;
  }
  stamp(next, options);
  append(chain, options, "chain");
  if (!chain.empty()) next.embed["chain"] = std::move(chain);
  if (const json::value* links = options.if_contains("link")) next.embed["callbacks"] = *links;
  if (const json::value* links = options.if_contains("link_error")) {
    next.embed["errbacks"] = *links;
  }
  if (const json::value* chord = options.if_contains("chord")) next.embed["chord"] = *chord;
  result<std::string> envelope = encode_within_limits(next);
  if (envelope) bytes_ += envelope->size();
  if (!envelope || bytes_ > kMostBytes) {
    following_.too_much = true;
    return;
  }
  following_.messages.push_back(
      Outgoing{list_key(next.queue, step_of(next.priority)), std::move(*envelope)});
}

void Publisher::publish_chain(json::object signature, const json::array& results,
                              json::array chain) {
  id_in(signature, random_);
  const json::array* tasks = tasks_in(signature);
  json::array steps = tasks ? *tasks : json::array();
  if (steps.empty() || !steps.front().is_object()) return;
  json::object options = options_in(signature);
  append(chain, options, "chain");
  if (json::object* last = steps.back().if_object()) {
    json::object& told = options_in(*last);
    for (const std::string_view name : kOfTheEnd) {
      if (const json::value* value = options.if_contains(name)) told[name] = *value;
    }
    append(told, options, "link");
  }
  for (json::value& step : steps) {
    if (step.is_object()) append(options_in(step.get_object()), options, "link_error");
  }
  json::object& first = steps.front().get_object();
  take_over(options_in(first), options, kOfTheWhole);
  for (std::size_t i = steps.size(); i-- > 1;) chain.push_back(steps[i]);
  publish(std::move(first), results, std::move(chain));
}

// Within a chord, its members are parts of that.
void Publisher::publish_group(json::object signature, const json::array& results,
                              json::array chain) {
  const std::string id = id_in(signature, random_);
  const json::object options = options_in(signature);
  append(chain, options, "chain");
  Place first = place_in(options);
  if (!first.body) first = Place{nullptr, id, 0};
  const json::array* members = tasks_in(signature);
  if (members) publish_members(*members, options, std::move(first), results, chain);
}

// `told`: options of the whole.
void Publisher::publish_members(json::array members, const json::object& told, Place first,
                                const json::array& results, const json::array& chain) {
  std::int64_t index = first.index.value_or(0);
  for (json::value& member : members) {
    json::object* one = member.if_object();
    if (!one) continue;
    json::object& options = options_in(*one);
    take_over(options, told, kOfTheWhole);
    options["group_id"] = first.group;
    options["group_index"] = index;
    if (first.body) options["chord"] = *first.body;
    index += static_cast<std::int64_t>(ends_of(*one).size());
    publish(std::move(*one), results, chain);
  }
}

void Publisher::publish_chord(json::object signature, const json::array& results,
                              json::array chain) {
  id_in(signature, random_);  // Pointers into the signature are good from here on.
  json::object options = options_in(signature);
  const json::object* kwargs = member_object(signature, "kwargs");
  const json::value* header = kwargs ? kwargs->if_contains("header") : nullptr;
  const json::object* told = kwargs ? member_object(*kwargs, "body") : nullptr;
  if (!header || !told) return;
  json::object body = *told;
  json::object& of_body = options_in(body);
  append(chain, options, "chain");
  append(chain, of_body, "chain");
  take_over(of_body, options, std::array<std::string_view, 1>{"task_id"});
  of_body.erase("chain");
  if (!chain.empty()) of_body["chain"] = std::move(chain);
  const json::object* group = header->if_object();
  const json::array* found = group ? tasks_in(*group) : header->if_array();
  json::array members = found ? *found : json::array();
  std::size_t size = 0;
  for (const json::value& member : members) {
    if (member.is_object()) size += ends_of(member.get_object()).size();
  }
  if (size == 0) {
    json::array nothing;
    nothing.emplace_back(json::array());
    publish(std::move(body), nothing, json::array());
    return;
  }
  Place first{&body, make_uuid(random_), 0};
  if (const json::object* of_group = group ? member_object(*group, "options") : nullptr) {
    const std::string id = member_text(*of_group, "task_id");
    if (!id.empty()) first.group = id;
    json::object both = *of_group;
    take_over(both, options, kOfTheWhole);
    options = std::move(both);
  }
  following_.stored.emplace_back(chord_key(first.group, ".s"), std::to_string(size));
  publish_members(std::move(members), options, std::move(first), results, json::array());
}

}  // namespace seendr::tasks
