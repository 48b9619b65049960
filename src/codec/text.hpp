// Bytes as text: hex and base64, base64url, and UTF-8 validity.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace seendr {

using Bytes = std::span<const unsigned char>;

inline Bytes bytes(std::string_view text) {
  return Bytes(reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

std::string to_hex(Bytes bytes);        // Lower case.
std::string to_base64(Bytes bytes);     // RFC 4648 section 4, with padding.
std::string to_base64url(Bytes bytes);  // RFC 4648 section 5, without padding.
std::string to_base32(Bytes bytes);     // RFC 4648 section 6, lower case, without padding.

std::optional<std::string> from_hex(std::string_view text);
std::optional<std::string> from_base64(std::string_view text);
std::optional<std::string> from_base64url(std::string_view text);

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

// The text with U+FFFD in place of each byte that belongs to no character.
std::string to_utf8(std::string_view text);

}  // namespace seendr
