#include "tasks/json_text.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "codec/text.hpp"

namespace seendr::tasks {

namespace {

constexpr std::size_t kMaxDisplay = 1024;

// The text of {"hex": "c1eba7a6...", "version": 4}; nullopt for another object.
std::optional<std::string> uuid_of(const json::object& object) {
  const json::value* found = object.if_contains("hex");
  if (!found || !found->is_string() || found->get_string().size() != 32) return std::nullopt;
  const std::string hex(found->get_string());
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

// JSON has no NaN and no Infinity.
bool is_finite(const json::value& value) {
  if (const double* number = value.if_double()) return std::isfinite(*number);
  if (const json::array* list = value.if_array()) {
    return std::all_of(list->begin(), list->end(), is_finite);
  }
  const json::object* object = value.if_object();
  return !object || std::all_of(object->begin(), object->end(),
                                [](const auto& member) { return is_finite(member.value()); });
}

json::value with_nulls(json::value value) {
  if (const double* number = value.if_double(); number && !std::isfinite(*number)) return nullptr;
  if (json::array* list = value.if_array()) {
    for (json::value& element : *list) element = with_nulls(std::move(element));
  } else if (json::object* object = value.if_object()) {
    for (auto& [key, element] : *object) element = with_nulls(std::move(element));
  }
  return value;
}

}  // namespace

std::optional<json::value> read_json(std::string_view text, std::size_t max_depth) {
  json::parse_options options;
  options.max_depth = max_depth;
  error_code error;
  json::value value = json::parse(text, error, {}, options);
  if (error) return std::nullopt;
  return value;
}

std::string write_json(const json::value& value) {
  if (!is_finite(value)) return write_json(with_nulls(value));
  std::string text = json::serialize(value);
  return is_utf8(text) ? text : to_utf8(text);
}

std::size_t count_values(std::string_view text) {
  std::size_t count = 1;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string) {
      if (c == '\\') ++i;
    } else if (c == ',' || c == ':' || c == '[' || c == '{') {
      ++count;
    }
  }
  return count;
}

std::string display(const json::value& value) {
  std::string text = write_json(value);
  if (text.size() <= kMaxDisplay) return text;
  std::size_t size = kMaxDisplay - 3;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size) + "...";
}

json::value untagged(json::value value) {
  if (json::array* list = value.if_array()) {
    for (json::value& element : *list) element = untagged(std::move(element));
  }
  json::object* object = value.if_object();
  if (!object) return value;
  for (auto& [key, element] : *object) element = untagged(std::move(element));
  const json::value* tagged = object->if_contains("__value__");
  if (object->size() != 2 || !tagged || !object->contains("__type__")) return value;
  const json::object* inner = tagged->if_object();
  if (!inner) return json::value(*tagged);
  const std::optional<std::string> uuid = uuid_of(*inner);
  return uuid ? json::value(*uuid) : value;
}

}  // namespace seendr::tasks
