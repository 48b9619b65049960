#include "tasks/canvas.hpp"

#include <optional>

#include "tasks/json_text.hpp"
#include "tasks/outcome.hpp"
#include "tasks/publisher.hpp"
#include "tasks/signature.hpp"

namespace seendr::tasks {

namespace {

ChordPart chord_part(const Place& place, std::string task_id) {
  const std::string index = place.index ? std::to_string(*place.index) : "+inf";
  return ChordPart{place.group, index, std::move(task_id), *place.body};
}

// The places that would have been filled by a signature and the steps behind it.
void add_places(const json::object& signature, std::vector<ChordPart>& parts) {
  for (End& end : ends_of(signature)) {
    if (end.place.body) parts.push_back(chord_part(end.place, std::move(end.task_id)));
  }
  const json::object* options = member_object(signature, "options");
  const json::array* behind = options ? member_array(*options, "chain") : nullptr;
  if (!behind) return;
  for (const json::value& step : *behind) {
    if (step.is_object()) add_places(step.get_object(), parts);
  }
}

Failure chord_error(std::string why) {
  Failure failure;
  failure.type = "ChordError";
  failure.module = "celery.exceptions";
  failure.arguments.emplace_back(std::move(why));
  return failure;
}

// Adds what a part left, [1, id, state, outcome]; or returns why the chord has failed with it.
std::optional<Failure> read_part(const std::string& text, json::array& values) {
  constexpr std::size_t kMaxDepth = 66;  // Of an outcome that has come in a message of ours.
  std::optional<json::value> fields = read_json(text, kMaxDepth);
  json::array* list = fields ? fields->if_array() : nullptr;
  if (!list || list->size() != 4 || !(*list)[1].is_string()) {
    return chord_error("Join error: what a part has left cannot be read");
  }
  json::value& outcome = (*list)[3];
  if ((*list)[2] == "FAILURE" || (*list)[2] == "REVOKED") {
    const std::string id((*list)[1].get_string());
    const json::object* object = outcome.if_object();
    const std::string type = object ? member_text(*object, "exc_type") : std::string();
    return chord_error("Dependency " + id + " raised " + type);
  }
  values.push_back(std::move(outcome));
  return std::nullopt;
}

// The body does not run.
Following chord_failed(const Message& message, json::object body, Failure failure, Time now,
                       Random& random) {
  Publisher publisher(message, now, random);
  json::array results;
  results.emplace_back(id_in(body, random));
  publisher.give_up(body, failure);
  publisher.publish_each(options_in(body), "link_error", results);
  Following following = publisher.take();
  add_places(body, following.failed);
  following.failure = std::move(failure);
  return following;
}

}  // namespace

Following after_success(const Message& message, const json::value& value, Time now,
                        Random& random) {
  Publisher publisher(message, now, random);
  json::array results;
  results.push_back(value);
  publisher.publish_each(message.embed, "callbacks", results);
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
      if (step.is_object()) publisher.give_up(step.get_object(), failure);
    }
  }
  json::array results;
  results.emplace_back(message.id);
  publisher.publish_each(message.embed, "errbacks", results);
  return publisher.take();
}

std::vector<ChordPart> parts_of(const Message& message, bool succeeded) {
  std::vector<ChordPart> parts;
  Place own{member_object(message.embed, "chord"), member_text(message.headers, "group"), {}};
  const auto index = member_number(message.headers, "group_index");
  if (index) own.index = static_cast<std::int64_t>(*index);
  if (own.body && !own.group.empty()) parts.push_back(chord_part(own, message.id));
  const json::array* rest = succeeded ? nullptr : member_array(message.embed, "chain");
  if (!rest) return parts;
  for (const json::value& step : *rest) {
    if (step.is_object()) add_places(step.get_object(), parts);
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
  json::array values;
  std::optional<Failure> failure;
  for (auto text = parts.begin(); text != parts.end() && !failure; ++text) {
    failure = read_part(*text, values);
  }
  if (failure) return chord_failed(message, part.body, std::move(*failure), now, random);
  Publisher publisher(message, now, random);
  json::array results;
  results.emplace_back(std::move(values));
  publisher.publish(part.body, results, json::array());
  Following following = publisher.take();
  if (!following.too_much) return following;
  return chord_failed(message, part.body, too_many_steps(), now, random);
}

}  // namespace seendr::tasks
