// Numbers from text, whole or not at all.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace seendr {

// nullopt unless all of `text` is one number that fits.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace seendr
