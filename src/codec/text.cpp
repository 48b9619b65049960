#include "codec/text.hpp"

#include <algorithm>
#include <sodium.h>

namespace seendr {

namespace {

std::string encode(Bytes bytes, int variant) {
  std::string out(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), variant);
  out.pop_back();  // libsodium ends it with a NUL.
  return out;
}

std::optional<std::string> decode(std::string_view text, int variant) {
  std::string out(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                        text.size(), nullptr, &size, &end, variant) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

// Bytes of the character that the text begins with; 0 when it is none.
std::size_t character_size(Bytes s) {
  const auto tail = [&s](std::size_t i) {
    return i < s.size() && (s[i] & 0xC0) == 0x80;
  };
  const unsigned char c = s[0];
  if (c < 0x80) return 1;
  if (c >= 0xC2 && c <= 0xDF && tail(1)) return 2;
  if (c >= 0xE0 && c <= 0xEF && tail(1) && tail(2)) {
    const bool overlong = c == 0xE0 && s[1] < 0xA0;
    const bool surrogate = c == 0xED && s[1] > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (c >= 0xF0 && c <= 0xF4 && tail(1) && tail(2) && tail(3)) {
    const bool overlong = c == 0xF0 && s[1] < 0x90;
    const bool too_large = c == 0xF4 && s[1] > 0x8F;  // Above U+10FFFF.
    return overlong || too_large ? 0 : 4;
  }
  return 0;
}

}  // namespace

std::string to_hex(Bytes bytes) {
  std::string out(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes.data(), bytes.size());
  out.pop_back();
  return out;
}

std::string to_base64(Bytes bytes) {
  return encode(bytes, sodium_base64_VARIANT_ORIGINAL);
}

std::string to_base64url(Bytes bytes) {
  return encode(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::string to_base32(Bytes bytes) {
  static constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::string out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const unsigned char byte : bytes) {
    buffer = (buffer << 8 | byte) & 0xFFFF;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += kAlphabet[buffer >> bits & 31];
    }
  }
  if (bits > 0) out += kAlphabet[buffer << (5 - bits) & 31];
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string out(text.size() / 2, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                     text.size(), nullptr, &size, &end) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  return decode(text, sodium_base64_VARIANT_ORIGINAL);
}

std::optional<std::string> from_base64url(std::string_view text) {
  return decode(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = character_size(bytes(text));
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string to_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = character_size(bytes(text));
    out += size > 0 ? text.substr(0, size) : "\xEF\xBF\xBD";
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

}  // namespace seendr
