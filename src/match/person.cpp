#include "match/person.hpp"

#include <algorithm>
#include <set>

#include "base/number.hpp"

namespace seendr::match {
namespace {

// The text before the next separator; `rest` continues after it.
std::string_view take(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view head = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return head;
}

std::string join_tags(const std::vector<std::string>& tags) {
  std::string out;
  for (const std::string& tag : tags) {
    if (!is_tag(tag)) continue;
    if (!out.empty()) out += ',';
    out += tag;
  }
  return out;
}

std::optional<std::vector<std::string>> parse_tags(std::string_view text) {
  std::vector<std::string> tags;
  if (text.empty()) return tags;
  if (text.back() == ',') return std::nullopt;
  while (!text.empty()) {
    const std::string_view tag = take(text, ',');
    if (!is_tag(tag) || tags.size() == kMaxTags) return std::nullopt;
    tags.emplace_back(tag);
  }
  return tags;
}

template <class T>
bool store(T& target, std::optional<T> value) {
  if (!value) return false;
  target = std::move(*value);
  return true;
}

std::optional<bool> parse_flag(std::string_view text, std::string_view no, std::string_view yes) {
  if (text == yes) return true;
  if (text == no) return false;
  return std::nullopt;
}

std::optional<int> parse_minimum(std::string_view text) {
  const std::optional<int> minimum = parse_number<int>(text);
  if (!minimum || *minimum < 0 || *minimum > static_cast<int>(kMaxInterests)) return std::nullopt;
  return minimum;
}

std::optional<std::string> parse_region(std::string_view text) {
  if (!text.empty() && !is_tag(text)) return std::nullopt;
  return std::string(text);
}

// False when the value is malformed; unknown keys are fine.
bool assign(Attributes& out, std::string_view key, std::string_view value) {
  if (key == "lang") return store(out.languages, parse_tags(value));
  if (key == "reg") return store(out.region, parse_region(value));
  if (key == "want") return store(out.wanted, parse_tags(value));
  if (key == "region") return store(out.region_policy, parse_region_policy(value));
  if (key == "mode") return store(out.mode, parse_mode(value));
  if (key == "age") return store(out.adult, parse_flag(value, "minor", "adult"));
  if (key == "pol") return store(out.policy, parse_policy(value));
  if (key == "min") return store(out.min_shared, parse_minimum(value));
  if (key == "act") return store(out.active, parse_flag(value, "0", "1"));
  return true;
}

}  // namespace

std::string LogId::text() const {
  return std::to_string(epoch) + '-' + std::to_string(sequence);
}

std::optional<LogId> parse_log_id(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto epoch = parse_number<std::uint64_t>(text.substr(0, dash));
  const auto sequence = parse_number<std::uint64_t>(text.substr(dash + 1));
  if (!epoch || !sequence) return std::nullopt;
  return LogId{*epoch, *sequence};
}

std::string_view name(Mode mode) {
  switch (mode) {
    case Mode::text:
      return "text";
    case Mode::audio:
      return "audio";
    case Mode::video:
      break;
  }
  return "video";
}

std::string_view name(Policy policy) {
  switch (policy) {
    case Policy::strict:
      return "strict";
    case Policy::any:
      return "any";
    case Policy::prefer:
      break;
  }
  return "prefer";
}

std::string_view name(RegionPolicy policy) {
  return policy == RegionPolicy::strict ? "strict" : "prefer";
}

std::optional<Mode> parse_mode(std::string_view text) {
  for (const Mode mode : {Mode::text, Mode::audio, Mode::video}) {
    if (text == name(mode)) return mode;
  }
  return std::nullopt;
}

std::optional<Policy> parse_policy(std::string_view text) {
  for (const Policy policy : {Policy::strict, Policy::prefer, Policy::any}) {
    if (text == name(policy)) return policy;
  }
  return std::nullopt;
}

std::optional<RegionPolicy> parse_region_policy(std::string_view text) {
  for (const RegionPolicy policy : {RegionPolicy::prefer, RegionPolicy::strict}) {
    if (text == name(policy)) return policy;
  }
  return std::nullopt;
}

bool is_tag(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return !text.empty() && text.size() <= kMaxTagLength &&
         std::all_of(text.begin(), text.end(), allowed);
}

std::string encode(const Attributes& attributes) {
  std::string out = "lang=" + join_tags(attributes.languages);
  out += ";reg=";
  if (is_tag(attributes.region)) out += attributes.region;
  out += ";want=" + join_tags(attributes.wanted);
  out += ";region=";
  out += name(attributes.region_policy);
  out += ";mode=";
  out += name(attributes.mode);
  out += attributes.adult ? ";age=adult" : ";age=minor";
  out += ";pol=";
  out += name(attributes.policy);
  out += ";min=" + std::to_string(attributes.min_shared);
  out += attributes.active ? ";act=1" : ";act=0";
  return out;
}

std::optional<Attributes> parse_attributes(std::string_view text) {
  Attributes out;
  std::set<std::string_view> seen;
  while (!text.empty()) {
    std::string_view value = take(text, ';');
    if (value.find('=') == std::string_view::npos) return std::nullopt;
    const std::string_view key = take(value, '=');
    if (!seen.insert(key).second || !assign(out, key, value)) return std::nullopt;
  }
  if (!seen.contains("lang") || !seen.contains("age")) return std::nullopt;
  return out;
}

std::string encode_interests(const std::vector<std::uint32_t>& interests) {
  std::string out;
  for (const std::uint32_t interest : interests) {
    if (!out.empty()) out += ',';
    out += std::to_string(interest);
  }
  return out;
}

std::optional<std::vector<std::uint32_t>> parse_interests(std::string_view text) {
  std::vector<std::uint32_t> out;
  if (text.empty()) return out;
  if (text.back() == ',') return std::nullopt;
  while (!text.empty()) {
    const auto id = parse_number<std::uint32_t>(take(text, ','));
    if (!id || out.size() == kMaxInterests) return std::nullopt;
    if (std::find(out.begin(), out.end(), *id) != out.end()) return std::nullopt;
    out.push_back(*id);
  }
  return out;
}

}  // namespace seendr::match
