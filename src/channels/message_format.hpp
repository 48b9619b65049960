// The bytes of one channel-layer message. Pure.
//
// In channels_redis' core layer, 12 random bytes and one MessagePack map, whose reserved entry
// "__asgi_channel__" names who gets it: a string (send to a process-local channel) or an array
// (group_send). In its pub/sub layer, the map alone. Format: docs/wire-formats.md,
// docs/channels.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/env.hpp"

namespace seendr::channels {

using Message = nlohmann::json;  // An object with UTF-8 text; byte strings are json::binary.

struct Envelope {
  Message message;
  std::vector<std::string> channels;  // Empty: for the plain channel it was popped from.
};

// `single`: write one name as a string, as send() does; otherwise as an array.
std::string encode(const Envelope& envelope, bool single, Random& random);

// nullopt for bytes that channels_redis could not read either, whose text is not UTF-8, or that are
// nested more than 128 deep.
std::optional<Envelope> decode(std::string_view bytes);

// The map alone, and back; nullopt as above.
std::string encode_map(const Message& message);
std::optional<Message> decode_map(std::string_view bytes);

// Fewer than 100 characters of [A-Za-z0-9_.-]; a channel may hold one '!'.
bool valid_group(std::string_view name);
bool valid_channel(std::string_view name);

// The part of a channel name up to and including '!', which names the Redis key; the whole of a
// plain one.
std::string_view inbox_of(std::string_view channel);

}  // namespace seendr::channels
