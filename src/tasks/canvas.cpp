#include "tasks/canvas.hpp"

#include <algorithm>
#include <optional>

#include "tasks/json_text.hpp"
#include "tasks/keys.hpp"

namespace seendr::tasks {

namespace {

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

// What has the result of a step: the end of a chain, the body of a chord; else the step itself.
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

// The id that the result of a step will have; it gets one if it has none.
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

// A list of signatures, which may stand alone or inside a group's.
json::array signatures_of(const json::value& value) {
  if (const json::array* list = value.if_array()) return *list;
  const json::object* group = value.if_object();
  const json::object* kwargs = group ? member_object(*group, "kwargs") : nullptr;
  const json::array* tasks = kwargs ? member_array(*kwargs, "tasks") : nullptr;
  return tasks ? *tasks : json::array();
}

// Turns signatures into messages.
class Publisher {
 public:
  Publisher(const Message& parent, Time now, Random& random)
      : parent_(parent), now_(now), random_(random) {}

  // `results` go in front of the arguments; `chain`: steps behind this one, last first.
  void publish(json::object signature, const json::array& results, json::array chain) {
    if (++count_ > kMost) return;
    const std::string type = member_text(signature, "subtask_type");
    if (type == "chain") return publish_chain(std::move(signature), results, std::move(chain));
    if (type == "group") return publish_group(std::move(signature), results);
    if (type == "chord") return publish_chord(std::move(signature), results, std::move(chain));
    publish_task(std::move(signature), results, std::move(chain));
  }

  void store_failure(const std::string& id, const Failure& failure) {
    Result result;
    result.task_id = id;
    result.state = State::failure;
    result.failure = failure;
    result.done = now_;
    following_.stored.emplace_back(result_key(id), encode(result));
  }

  Following take() { return std::move(following_); }

 private:
  static constexpr std::size_t kMost = 10'000;  // Steps that one task may set going.

  void publish_task(json::object signature, const json::array& results, json::array chain) {
    Message next;
    next.task = member_text(signature, "task");
    if (next.task.empty()) return;
    next.id = id_in(signature, random_);
    const json::object& options = options_in(signature);
    if (!is_immutable(signature)) next.args = results;
    if (const json::array* args = member_array(signature, "args")) {
      next.args.insert(next.args.end(), args->begin(), args->end());
    }
    if (const json::object* kwargs = member_object(signature, "kwargs")) next.kwargs = *kwargs;
    next.queue = member_text(options, "queue");
    if (next.queue.empty() || next.queue.find('\n') != std::string::npos)
      next.queue = parent_.queue;
    next.priority =
        static_cast<int>(std::clamp(member_number(options, "priority").value_or(0), 0.0, 9.0));
    next.reply_to = member_text(options, "reply_to");
    if (next.reply_to.empty()) next.reply_to = parent_.reply_to;
    next.root_id = parent_.root_id.empty() ? parent_.id : parent_.root_id;
    next.parent_id = parent_.id;
    next.delivery_tag = make_uuid(random_);
    if (const auto wait = member_number(options, "countdown")) next.eta = now_ + seconds(*wait);
    if (const auto limit = member_number(options, "expires")) next.expires = now_ + seconds(*limit);
    next.time_limit_s = member_number(options, "time_limit");
    next.soft_time_limit_s = member_number(options, "soft_time_limit");
    if (const json::value* group = options.if_contains("group_id")) next.headers["group"] = *group;
    if (const json::value* place = options.if_contains("group_index")) {
      next.headers["group_index"] = *place;
    }
    stamp(next, options);
    if (const json::array* behind = member_array(options, "chain")) {
      chain.insert(chain.end(), behind->begin(), behind->end());
    }
    if (!chain.empty()) next.embed["chain"] = std::move(chain);
    if (const json::value* links = options.if_contains("link")) next.embed["callbacks"] = *links;
    if (const json::value* links = options.if_contains("link_error")) {
      next.embed["errbacks"] = *links;
    }
    if (const json::value* chord = options.if_contains("chord")) next.embed["chord"] = *chord;
    following_.messages.push_back(
        Outgoing{list_key(next.queue, step_of(next.priority)), encode(next)});
  }

  void publish_chain(json::object signature, const json::array& results, json::array chain) {
    id_in(signature, random_);
    json::array steps = signatures_of(json::value(signature));
    if (steps.empty() || !steps.front().is_object()) return;
    const json::object options = options_in(signature);
    if (json::object* last = steps.back().if_object()) {  // What is told of the chain is its end's.
      for (const char* name : {"group_id", "group_index", "chord", "link"}) {
        if (const json::value* told = options.if_contains(name)) options_in(*last)[name] = *told;
      }
    }
    if (const json::array* behind = member_array(options, "chain")) {
      chain.insert(chain.end(), behind->begin(), behind->end());
    }
    for (std::size_t i = steps.size(); i-- > 1;) chain.push_back(steps[i]);
    publish(steps.front().get_object(), results, std::move(chain));
  }

  void publish_group(json::object signature, const json::array& results) {
    const std::string group = id_in(signature, random_);
    publish_members(signatures_of(json::value(signature)), group, results, nullptr);
  }

  void publish_members(json::array members, const std::string& group, const json::array& results,
                       const json::object* body) {
    int index = 0;
    for (json::value& member : members) {
      json::object* one = member.if_object();
      if (!one) continue;
      json::object& options = options_in(*one);
      options["group_id"] = group;
      options["group_index"] = index++;
      if (body) options["chord"] = *body;
      publish(std::move(*one), results, json::array());
    }
  }

  void publish_chord(json::object signature, const json::array& results, json::array chain) {
    id_in(signature, random_);  // Pointers into the signature are good from here on.
    const json::object options = options_in(signature);
    const json::object* kwargs = member_object(signature, "kwargs");
    const json::value* header = kwargs ? kwargs->if_contains("header") : nullptr;
    const json::object* told = kwargs ? member_object(*kwargs, "body") : nullptr;
    if (!header || !told) return;
    json::object body = *told;
    if (const json::array* behind = member_array(options, "chain")) {
      chain.insert(chain.end(), behind->begin(), behind->end());
    }
    if (!chain.empty()) options_in(body)["chain"] = std::move(chain);
    json::array members = signatures_of(*header);
    if (members.empty()) {
      json::array nothing;
      nothing.emplace_back(json::array());
      publish(std::move(body), nothing, json::array());
      return;
    }
    std::string group = make_uuid(random_);
    if (const json::object* named = header->if_object()) {
      const json::object* told_of = member_object(*named, "options");
      const std::string id = told_of ? member_text(*told_of, "task_id") : std::string();
      if (!id.empty()) group = id;
    }
    following_.stored.emplace_back(chord_key(group, ".s"), std::to_string(members.size()));
    publish_members(std::move(members), group, results, &body);
  }

  // Celery 5.3 and later: options named in "stamped_headers" are stamps, which go along.
  static void stamp(Message& message, const json::object& options) {
    const json::array* names = member_array(options, "stamped_headers");
    if (!names) return;
    json::object stamps;
    for (const json::value& name : *names) {
      const json::value* found =
          name.is_string() ? options.if_contains(name.get_string()) : nullptr;
      if (found) stamps[name.get_string()] = *found;
    }
    message.headers["stamped_headers"] = *names;
    message.headers["stamps"] = std::move(stamps);
  }

  static std::chrono::microseconds seconds(double count) {
    return std::chrono::microseconds(static_cast<std::int64_t>(std::clamp(count, 0.0, 1e9) * 1e6));
  }

  const Message& parent_;
  Time now_;
  Random& random_;
  Following following_;
  std::size_t count_ = 0;
};

void publish_each(Publisher& publisher, const json::object& embed, std::string_view key,
                  const json::array& results) {
  const json::array* list = member_array(embed, key);
  if (!list) return;
  for (const json::value& one : *list) {
    if (one.is_object()) publisher.publish(one.get_object(), results, json::array());
  }
}

std::string index_text(const json::object& fields) {
  const auto number = member_number(fields, "group_index");
  return number ? std::to_string(static_cast<std::int64_t>(*number)) : "+inf";
}

Failure chord_error(const std::string& id, const json::value& outcome) {
  const json::object* object = outcome.if_object();
  const std::string type = object ? member_text(*object, "exc_type") : std::string();
  Failure failure;
  failure.type = "ChordError";
  failure.module = "celery.exceptions";
  failure.arguments.emplace_back("Dependency " + id + " raised " + type);
  return failure;
}

}  // namespace

Following after_success(const Message& message, const json::value& value, Time now,
                        Random& random) {
  Publisher publisher(message, now, random);
  json::array results;
  results.push_back(value);
  publish_each(publisher, message.embed, "callbacks", results);
  if (const json::array* rest = member_array(message.embed, "chain"); rest && !rest->empty()) {
    json::array chain = *rest;
    const json::value next = chain.back();
    chain.pop_back();
    if (next.is_object()) publisher.publish(next.get_object(), results, std::move(chain));
  }
  return publisher.take();
}

Following after_failure(const Message& message, const Failure& failure, Time now, Random& random) {
  Publisher publisher(message, now, random);
  if (const json::array* rest = member_array(message.embed, "chain")) {
    for (const json::value& step : *rest) {
      const json::object* options =
          step.is_object() ? member_object(step.get_object(), "options") : nullptr;
      const std::string id = options ? member_text(*options, "task_id") : std::string();
      if (!id.empty()) publisher.store_failure(id, failure);
    }
  }
  json::array results;
  results.emplace_back(message.id);
  publish_each(publisher, message.embed, "errbacks", results);
  return publisher.take();
}

std::vector<ChordPart> parts_of(const Message& message, bool succeeded) {
  std::vector<ChordPart> parts;
  const json::object* own = member_object(message.embed, "chord");
  const std::string group = member_text(message.headers, "group");
  if (own && !group.empty()) {
    parts.push_back(ChordPart{group, index_text(message.headers), message.id, *own});
  }
  const json::array* rest = succeeded ? nullptr : member_array(message.embed, "chain");
  if (!rest) return parts;
  for (const json::value& step : *rest) {
    const json::object* options =
        step.is_object() ? member_object(step.get_object(), "options") : nullptr;
    const json::object* body = options ? member_object(*options, "chord") : nullptr;
    if (!body) continue;
    const std::string group_of_step = member_text(*options, "group_id");
    if (group_of_step.empty()) continue;
    parts.push_back(
        ChordPart{group_of_step, index_text(*options), member_text(*options, "task_id"), *body});
  }
  return parts;
}

std::string part_text(const ChordPart& part, State state, const json::value& outcome) {
  json::array fields;
  fields.emplace_back(1);
  fields.emplace_back(part.task_id);
  fields.emplace_back(name_of(state));
  fields.push_back(outcome);
  return write_json(fields);
}

Following chord_complete(const Message& message, const ChordPart& part,
                         const std::vector<std::string>& parts, Time now, Random& random) {
  Publisher publisher(message, now, random);
  json::array values;
  std::optional<Failure> failure;
  for (const std::string& text : parts) {
    error_code error;
    const json::value fields = json::parse(text, error);
    const json::array* list = error ? nullptr : fields.if_array();
    if (!list || list->size() != 4 || !(*list)[1].is_string()) continue;
    const std::string id((*list)[1].get_string());
    const bool failed = (*list)[2] == "FAILURE" || (*list)[2] == "REVOKED";
    if (failed && !failure) failure = chord_error(id, (*list)[3]);
    values.push_back((*list)[3]);
  }
  json::object body = part.body;
  if (failure) {
    const std::string id = id_in(body, random);
    publisher.store_failure(id, *failure);
    json::array results;
    results.emplace_back(id);
    publish_each(publisher, options_in(body), "link_error", results);
    return publisher.take();
  }
  json::array results;
  results.emplace_back(std::move(values));
  publisher.publish(std::move(body), results, json::array());
  return publisher.take();
}

}  // namespace seendr::tasks
