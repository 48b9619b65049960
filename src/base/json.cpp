#include "base/json.hpp"

#include <algorithm>

namespace seendr::json {

namespace {

constexpr std::string_view kNul = "must not contain U+0000";

bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

}  // namespace

Reader::Reader(const object& object, std::string path) : object_(object), path_(std::move(path)) {}

void Reader::reject(std::string_view key, std::string_view why) {
  if (!problem_.empty()) return;
  problem_ = path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  problem_ += ": ";
  problem_ += why;
}

bool Reader::has(std::string_view key) const {
  const value* found = object_.if_contains(key);
  return found && !found->is_null();
}

const value* Reader::find(std::string_view key, bool optional) {
  if (!ok()) return nullptr;
  if (has(key)) return object_.if_contains(key);
  if (!optional) reject(key, "is required");
  return nullptr;
}

std::string Reader::text(std::string_view key, TextRule rule) {
  const value* found = find(key, rule.optional);
  if (!found) return {};
  if (!found->is_string()) {
    reject(key, "must be a string");
    return {};
  }
  const auto& text = found->get_string();
  if (has_nul(text)) reject(key, kNul);
  const std::size_t size = length(text);
  if (size < rule.min)
    reject(key, "must have at least " + std::to_string(rule.min) + " characters");
  if (size > rule.max) reject(key, "must have at most " + std::to_string(rule.max) + " characters");
  return ok() ? std::string(text) : std::string();
}

std::string Reader::one_of(std::string_view key, const std::vector<std::string_view>& values,
                           std::string_view fallback) {
  if (!has(key)) return std::string(fallback);
  const std::string text = this->text(key);
  if (!ok() || std::find(values.begin(), values.end(), text) != values.end()) return text;
  std::string why = "must be one of";
  for (const auto value : values) why += " " + std::string(value);
  reject(key, why);
  return {};
}

bool Reader::boolean(std::string_view key, bool fallback) {
  const value* found = find(key, true);
  if (!found) return fallback;
  if (!found->is_bool()) {
    reject(key, "must be true or false");
    return fallback;
  }
  return found->get_bool();
}

std::int64_t Reader::integer(std::string_view key, IntegerRule rule) {
  const value* found = find(key, rule.optional);
  if (!found) return rule.fallback;
  error_code error;
  const auto number = found->is_number() ? found->to_number<std::int64_t>(error) : 0;
  if (!found->is_number() || error) {
    reject(key, "must be a whole number");
    return rule.fallback;
  }
  if (number < rule.min || number > rule.max) {
    reject(key, "must be from " + std::to_string(rule.min) + " to " + std::to_string(rule.max));
    return rule.fallback;
  }
  return number;
}

std::vector<std::string> Reader::texts(std::string_view key, ListRule rule) {
  const value* found = find(key, rule.optional);
  if (!found) return {};
  if (!found->is_array()) {
    reject(key, "must be a list of strings");
    return {};
  }
  const array& items = found->get_array();
  if (items.size() > rule.max) {
    reject(key, "must have at most " + std::to_string(rule.max) + " items");
    return {};
  }
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string item = std::string(key) + "[" + std::to_string(i) + "]";
    if (!items[i].is_string()) {
      reject(item, "must be a string");
      return {};
    }
    const auto& text = items[i].get_string();
    if (text.empty() || length(text) > rule.max_item) {
      reject(item, "must have 1 to " + std::to_string(rule.max_item) + " characters");
      return {};
    }
    if (has_nul(text)) {
      reject(item, kNul);
      return {};
    }
    texts.emplace_back(text);
  }
  return texts;
}

std::optional<object> parse_object(std::string_view text) {
  error_code error;
  parse_options options;
  options.max_depth = 32;
  value parsed = parse(text, error, {}, options);
  if (error || !parsed.is_object()) return std::nullopt;
  return std::move(parsed.get_object());
}

std::size_t length(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace seendr::json
