// How a C++ type becomes the text of a cached value and comes back.
//
// Integers are raw digits, Raw is bytes as they are, everything else is JSON through Boost.JSON:
// std::string, containers, std::optional (null), json::value, and every type with tag_invoke()
// overloads for value_from and value_to or a BOOST_DESCRIBE_STRUCT.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"

namespace seendr::cache {

// How the text of a value is stored: as value_format.hpp says, or as it is.
enum class Form : std::uint8_t { json, raw };

// Bytes that are stored as they are. Django cannot read them: use keys that Django does not.
struct Raw {
  std::string bytes;
  auto operator<=>(const Raw&) const = default;
};

template <class T>
struct Typed {
  static constexpr Form kForm = Form::json;

  static std::string encode(const T& value) { return json::serialize(json::value_from(value)); }

  // nullopt when the text is not of this type.
  static std::optional<T> decode(std::string_view text) {
    error_code error;
    json::parse_options options;
    options.max_depth = 64;
    const json::value parsed = json::parse(text, error, {}, options);
    if (error) return std::nullopt;
    if constexpr (std::same_as<T, json::value>) {
      return parsed;
    } else {
      result<T> value = json::try_value_to<T>(parsed);
      if (!value) return std::nullopt;
      return std::move(*value);
    }
  }

  // Whether the value says that there is none: it lives for LoadOptions::negative_ttl.
  static bool is_absent(const T&) { return false; }
};

template <std::integral T>
requires(!std::same_as<T, bool>) struct Typed<T> {
  static constexpr Form kForm = Form::json;

  static std::string encode(T value) { return std::to_string(value); }

  static std::optional<T> decode(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
  }

  static bool is_absent(T) { return false; }
};

template <>
struct Typed<Raw> {
  static constexpr Form kForm = Form::raw;

  static std::string encode(const Raw& value) { return value.bytes; }
  static std::optional<Raw> decode(std::string_view text) { return Raw{std::string(text)}; }
  static bool is_absent(const Raw&) { return false; }
};

// nullopt is JSON's null. (Not of Raw, whose bytes may say anything.)
template <class T>
requires(Typed<T>::kForm == Form::json) struct Typed<std::optional<T>> {
  static constexpr Form kForm = Form::json;

  static std::string encode(const std::optional<T>& value) {
    return value ? Typed<T>::encode(*value) : "null";
  }

  static std::optional<std::optional<T>> decode(std::string_view text) {
    if (text == "null") return std::optional<std::optional<T>>(std::in_place);
    std::optional<T> value = Typed<T>::decode(text);
    if (!value) return std::nullopt;
    return std::optional<std::optional<T>>(std::move(value));
  }

  static bool is_absent(const std::optional<T>& value) { return !value.has_value(); }
};

// Whether the text can be read as a T: what readers that do not know the type are given.
using Readable = bool (*)(const std::string& text);

template <class T>
bool readable_as(const std::string& text) {
  return Typed<T>::decode(text).has_value();
}

}  // namespace seendr::cache
