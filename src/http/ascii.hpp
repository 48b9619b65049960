// Words of HTTP headers: comparing, trimming, splitting. ASCII only, as HTTP is.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace seendr::http {

inline char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

inline std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The trimmed items between separators; empty ones are left out.
inline std::vector<std::string_view> split_list(std::string_view text, char separator) {
  std::vector<std::string_view> items;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view item = trim(text.substr(0, end));
    if (!item.empty()) items.push_back(item);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return items;
}

inline bool list_has(std::string_view text, std::string_view word) {
  for (const std::string_view item : split_list(text, ',')) {
    if (same_word(item, word)) return true;
  }
  return false;
}

// Whether the list of an If-None-Match has the entity tag, or "*". Weak comparison, RFC
// 9110 13.1.2.
inline bool matches_etag(std::string_view if_none_match, std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  for (std::string_view item : split_list(if_none_match, ',')) {
    if (item == "*") return true;
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == etag) return true;
  }
  return false;
}

}  // namespace seendr::http
