#include "http/target.hpp"

#include "codec/text.hpp"

namespace seendr::http {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Splits off what stands before `separator`; all of it when there is none.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view head = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return head;
}

bool read_path(std::string_view raw, Target& target) {
  if (raw.empty() || raw.front() != '/') return false;
  raw.remove_prefix(1);
  while (!raw.empty()) {
    const std::optional<std::string> segment = percent_decode(take(raw, '/'), false);
    if (!segment || segment->empty() || *segment == "." || *segment == "..") return false;
    target.segments.push_back(*segment);
  }
  return true;
}

bool read_query(std::string_view raw, Target& target) {
  while (!raw.empty()) {
    std::string_view item = take(raw, '&');
    if (item.empty()) continue;
    const std::optional<std::string> key = percent_decode(take(item, '='), true);
    const std::optional<std::string> value = percent_decode(item, true);
    if (!key || !value) return false;
    target.query.emplace_back(*key, *value);
  }
  return true;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (c == '\0') return std::nullopt;
    out.push_back(c);
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

std::optional<Target> parse_target(std::string_view text) {
  Target target;
  if (text == "*") {
    target.origin = target.path = "*";
    return target;
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    text.remove_prefix(scheme.size());
    const std::size_t end = text.find_first_of("/?");
    target.authority = text.substr(0, end);
    if (target.authority.empty()) return std::nullopt;
    text.remove_prefix(std::min(end, text.size()));
    if (text.empty() || text.front() == '?') {
      target.origin = "/";
    }
    break;
  }
  target.origin += text;
  std::string_view rest = target.origin;
  rest = rest.substr(0, rest.find('#'));
  const std::string_view raw_path = take(rest, '?');
  if (!read_path(raw_path, target) || !read_query(rest, target)) return std::nullopt;
  for (const std::string& segment : target.segments) target.path += "/" + segment;
  if (raw_path.back() == '/') target.path += "/";
  return target;
}

}  // namespace seendr::http
