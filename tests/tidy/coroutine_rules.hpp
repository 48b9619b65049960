// Finds the ways of writing co_await that g++ 12 miscompiles, in C++ stripped of comments and
// strings.
#pragma once

#include <cctype>

#include "tidy/source_text.hpp"

namespace seendr::tidy {

inline bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

inline bool is_space(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

// Where the raw string that begins at `quote` ends: just past its closing quote.
inline std::size_t raw_string_end(const std::string& text, std::size_t quote) {
  const std::size_t open = text.find('(', quote);
  if (open == std::string::npos) return text.size();
  const std::string close = ")" + text.substr(quote + 1, open - quote - 1) + "\"";
  const std::size_t found = text.find(close, open);
  return found == std::string::npos ? text.size() : found + close.size();
}

inline std::size_t quoted_end(const std::string& text, std::size_t quote) {
  std::size_t i = quote + 1;
  while (i < text.size() && text[i] != text[quote] && text[i] != '\n') {
    i += text[i] == '\\' ? 2 : 1;
  }
  return std::min(i + 1, text.size());
}

// Where the comment, string or character at `i` ends; `i` itself when there is none.
inline std::size_t skipped_end(const std::string& text, std::size_t i) {
  const bool after_word = i > 0 && is_word(text[i - 1]);
  if (text.compare(i, 2, "//") == 0) return std::min(text.find('\n', i), text.size());
  if (text.compare(i, 2, "/*") == 0) {
    const std::size_t end = text.find("*/", i + 2);
    return end == std::string::npos ? text.size() : end + 2;
  }
  if (text[i] == '"') {
    return i > 0 && text[i - 1] == 'R' ? raw_string_end(text, i) : quoted_end(text, i);
  }
  if (text[i] == '\'' && !after_word) return quoted_end(text, i);  // 1'000 is a number.
  return i;
}

inline std::size_t matching_open(const std::string& code, std::size_t close) {
  int depth = 0;
  for (std::size_t i = close + 1; i-- > 0;) {
    if (code[i] == ')') ++depth;
    if (code[i] == '(' && --depth == 0) return i;
  }
  return std::string::npos;
}

inline std::string word_before(const std::string& code, std::size_t position) {
  std::size_t end = position;
  while (end > 0 && is_space(code[end - 1])) --end;
  std::size_t begin = end;
  while (begin > 0 && is_word(code[begin - 1])) --begin;
  return code.substr(begin, end - begin);
}

char char_before(const std::string& code, std::size_t position) {
  std::size_t i = position;
  while (i > 0 && is_space(code[i - 1])) --i;
  return i > 0 ? code[i - 1] : '\0';
}

// The part of the statement in front of the co_await.
inline std::string before_statement(const std::string& code, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && code[begin - 1] != ';' && code[begin - 1] != '{' && code[begin - 1] != '}') {
    --begin;
  }
  return code.substr(begin, at - begin);
}

// What is wrong at one character of a co_await expression, at parenthesis depth `depth`.
inline std::string fault_at(const std::string& code, std::size_t i, int depth) {
  const char c = code[i];
  const char last = char_before(code, i);
  if (c == '{') return "braces";
  if (c == '?') return "?:";
  if (depth == 0 && (code.compare(i, 2, "&&") == 0 || code.compare(i, 2, "||") == 0))
    return "&& or ||";
  if (depth == 0 && c == ',') return "an argument list";
  const bool opens_lambda = c == '[' && (last == '(' || last == ',' || last == '=');
  if (opens_lambda && code[i + 1] != ']') return "a capturing lambda";
  return "";
}

// Judges the `)` that ends a co_await expression: it may close `for (x : …` or `if (x = …`, no
// call.
inline std::string fault_of_enclosing(const std::string& code, std::size_t at, std::size_t close) {
  const std::size_t open = matching_open(code, close);
  if (open == std::string::npos) return "";
  const std::string keyword = word_before(code, open);
  const std::string inside = code.substr(open + 1, at - open - 1);
  const std::string names = inside.substr(0, inside.find_last_not_of(" \n") + 1);
  if (keyword == "for") return "";
  if (keyword == "if" || keyword == "switch") {
    return !names.empty() && names.back() == '=' ? "" : "a condition";
  }
  return keyword == "while" ? "a condition" : "an argument list";
}

inline std::string fault_behind(const std::string& code, std::size_t at) {
  int depth = 0;
  for (std::size_t i = at; i < code.size(); ++i) {
    const char c = code[i];
    if (c == ';' && depth == 0) return "";
    if (c == ')' && depth == 0) return fault_of_enclosing(code, at, i);
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    const int outside = c == '[' ? depth - 1 : depth;
    if (std::string fault = fault_at(code, i, outside); !fault.empty()) return fault;
  }
  return "";
}

inline std::string fault_before(const std::string& code, std::size_t at) {
  const std::string before = before_statement(code, at);
  if (before.find('?') != std::string::npos) return "?:";
  for (const char* sign : {"&&", "||"}) {
    const std::size_t found = before.find(sign);
    // `auto&& x = co_await …` binds a reference.
    const bool reference =
        found != std::string::npos && before.find('=', found) != std::string::npos;
    if (found != std::string::npos && !reference) return "&& or ||";
  }
  return "";
}

// C++ in which comments, strings and characters are blanks: same length, same lines.
inline std::string code_only(std::string text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = skipped_end(text, i);
    if (end == i) {
      ++i;
      continue;
    }
    for (; i < end; ++i) {
      if (text[i] != '\n') text[i] = ' ';
    }
  }
  return text;
}

// One word for what is wrong with a co_await, and its line.
struct Finding {
  std::size_t line;
  std::string what;
};

// The shapes of `code` (from code_only) that g++ 12 miscompiles, and those our rule forbids with
// them: docs/style.md.
inline std::vector<Finding> co_await_findings(const std::string& code) {
  static const std::string kWord = "co_await";
  std::vector<Finding> findings;
  for (std::size_t at = code.find(kWord); at != std::string::npos;
       at = code.find(kWord, at + kWord.size())) {
    const bool inside_word = is_word(code[at + kWord.size()]) || (at > 0 && is_word(code[at - 1]));
    if (inside_word) continue;
    std::string what = fault_before(code, at);
    if (what.empty()) what = fault_behind(code, at);
    if (!what.empty()) findings.push_back({line_at(code, at), what});
  }
  return findings;
}

}  // namespace seendr::tidy
