#include "channels/message_format.hpp"

#include <algorithm>

#include "codec/crypto.hpp"
#include "codec/text.hpp"

namespace seendr::channels {

namespace {

constexpr std::size_t kRandomPrefix = 12;
constexpr std::size_t kMaxName = 99;
constexpr const char* kChannels = "__asgi_channel__";
constexpr int kMaxDepth = 128;

// Walks over the bytes before a value is built from them: the parser's recursion is as deep as the
// message is nested, and the parser takes any bytes for text.
class Check final : public nlohmann::json_sax<Message> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t& text) override { return is_utf8(text); }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return ++depth_ <= kMaxDepth; }
  bool key(string_t& text) override { return is_utf8(text); }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return ++depth_ <= kMaxDepth; }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

 private:
  bool leave() {
    --depth_;
    return true;
  }

  int depth_ = 0;
};

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

std::string encode_map(const Message& message) {
  std::string out;
  Message::to_msgpack(message, out);
  return out;
}

std::optional<Message> decode_map(std::string_view bytes) {
  Check check;
  if (!Message::sax_parse(bytes, &check, Message::input_format_t::msgpack)) return std::nullopt;
  Message map = Message::from_msgpack(bytes, true, false);
  if (!map.is_object()) return std::nullopt;
  return map;
}

std::string encode(const Envelope& envelope, bool single, Random& random) {
  Message map = envelope.message;
  if (single && envelope.channels.size() == 1) {
    map[kChannels] = envelope.channels.front();
  } else if (!envelope.channels.empty()) {
    map[kChannels] = envelope.channels;
  }
  return random_bytes(random, kRandomPrefix) + encode_map(map);
}

std::optional<Envelope> decode(std::string_view bytes) {
  if (bytes.size() < kRandomPrefix) return std::nullopt;
  std::optional<Message> map = decode_map(bytes.substr(kRandomPrefix));
  if (!map) return std::nullopt;
  Envelope envelope;
  if (const auto names = map->find(kChannels); names != map->end()) {
    if (names->is_string()) envelope.channels.push_back(names->get<std::string>());
    if (names->is_array()) {
      for (const Message& name : *names) {
        if (!name.is_string()) return std::nullopt;
        envelope.channels.push_back(name.get<std::string>());
      }
    }
    map->erase(names);
  }
  envelope.message = std::move(*map);
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
