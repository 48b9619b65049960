#include "channels/message_format.hpp"

#include <algorithm>

#include "codec/crypto.hpp"
#include "codec/text.hpp"

namespace seendr::channels {

namespace {

constexpr std::size_t kRandomPrefix = 12;
constexpr std::size_t kMaxName = 99;
constexpr const char* kChannels = "__asgi_channel__";

bool is_utf8_throughout(const Message& value) {
  if (value.is_string()) return is_utf8(value.get_ref<const std::string&>());
  if (value.is_object()) {
    return std::all_of(value.items().begin(), value.items().end(), [](const auto& item) {
      return is_utf8(item.key()) && is_utf8_throughout(item.value());
    });
  }
  return !value.is_array() || std::all_of(value.begin(), value.end(), is_utf8_throughout);
}

bool valid_name(std::string_view name, std::size_t marks) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (name.empty() || name.size() > kMaxName) return false;
  const auto found = static_cast<std::size_t>(std::count(name.begin(), name.end(), '!'));
  const auto fitting = static_cast<std::size_t>(std::count_if(name.begin(), name.end(), plain));
  return found <= marks && found + fitting == name.size() && name.front() != '!';
}

}  // namespace

std::string encode(const Envelope& envelope, bool single, Random& random) {
  Message map = envelope.message;
  if (single && envelope.channels.size() == 1) {
    map[kChannels] = envelope.channels.front();
  } else if (!envelope.channels.empty()) {
    map[kChannels] = envelope.channels;
  }
  std::string out = random_bytes(random, kRandomPrefix);
  Message::to_msgpack(map, out);
  return out;
}

std::optional<Envelope> decode(std::string_view bytes) {
  if (bytes.size() < kRandomPrefix) return std::nullopt;
  Message map = Message::from_msgpack(bytes.substr(kRandomPrefix), true, false);
  if (!map.is_object() || !is_utf8_throughout(map)) return std::nullopt;
  Envelope envelope;
  if (const auto names = map.find(kChannels); names != map.end()) {
    if (names->is_string()) envelope.channels.push_back(names->get<std::string>());
    if (names->is_array()) {
      for (const Message& name : *names) {
        if (!name.is_string()) return std::nullopt;
        envelope.channels.push_back(name.get<std::string>());
      }
    }
    map.erase(names);
  }
  envelope.message = std::move(map);
  return envelope;
}

bool valid_group(std::string_view name) {
  return valid_name(name, 0);
}

bool valid_channel(std::string_view name) {
  return valid_name(name, 1);
}

std::string_view inbox_of(std::string_view channel) {
  const auto mark = channel.find('!');
  return mark == std::string_view::npos ? channel : channel.substr(0, mark + 1);
}

}  // namespace seendr::channels
