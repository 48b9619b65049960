#include "cache/value_format.hpp"

#include <algorithm>
#include <cctype>

#include "codec/deflate.hpp"

namespace seendr::cache {

namespace {

constexpr int kLevel = 6;                 // zlib's default, and so Python's.
constexpr std::size_t kMaxDigits = 4300;  // What Python reads.

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_space(char c) {
  return std::string_view(" \t\n\r\v\f").find(c) != std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// What Python's int() makes of the bytes, in plain digits; nullopt when it refuses them.
// Underscores may stand between two digits.
std::optional<std::string> integer_text(std::string_view text) {
  text = trimmed(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || !is_digit(text.front()) || !is_digit(text.back())) return std::nullopt;
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i])) {
      digits += text[i];
    } else if (text[i] != '_' || text[i - 1] == '_') {
      return std::nullopt;
    }
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return negative && digits != "0" ? "-" + digits : digits;
}

bool is_integer(std::string_view json) {
  if (json.starts_with('-')) json.remove_prefix(1);
  return !json.empty() && std::all_of(json.begin(), json.end(), is_digit);
}

// Protocol 2 and later begin so; older ones are ASCII and fail as JSON instead.
bool begins_pickled(std::string_view text) {
  return text.size() > 2 && text[0] == '\x80' && text[1] >= 2 && text[1] <= 5;
}

}  // namespace

std::string pack(std::string json, std::size_t compress_above) {
  if (json.size() <= compress_above || is_integer(json)) return json;
  return deflate(json, kLevel);
}

std::optional<std::string> unpack(std::string_view stored, std::size_t limit) {
  if (std::optional<std::string> integer = integer_text(stored)) {
    if (integer->size() > kMaxDigits) return std::nullopt;
    return integer;
  }
  std::optional<std::string> text = inflate(stored, limit);
  if (!text) text = std::string(stored);
  if (text->size() > limit || begins_pickled(*text)) return std::nullopt;
  return text;
}

bool is_pickled(std::string_view stored) {
  // Only the beginning of a stream matters, but pickled values are rare: they are named once.
  const std::optional<std::string> text = inflate(stored, std::size_t{1} << 24);
  return begins_pickled(text ? std::string_view(*text) : stored);
}

}  // namespace seendr::cache
