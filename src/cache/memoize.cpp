#include "cache/memoize.hpp"

#include "codec/crypto.hpp"
#include "codec/text.hpp"

namespace seendr::cache {

namespace {

constexpr std::size_t kLongest = 200;

bool stays(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool digit = c >= '0' && c <= '9';
  return letter || digit || c == '-' || c == '_' || c == '.';
}

}  // namespace

std::string key_part(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (stays(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string memo_key(std::string_view name, const std::vector<std::string>& parts) {
  std::string joined;
  for (const std::string& part : parts) joined += ":" + part;
  if (name.size() + joined.size() < kLongest) return std::string(name) + joined;
  return std::string(name) + ":sha256." + to_hex(bytes(sha256(joined)));
}

}  // namespace seendr::cache
