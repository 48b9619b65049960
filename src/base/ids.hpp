// Identifiers as distinct types, so that one cannot be passed for another.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace seendr {

// A person. Decimal on every wire; ids made by Seendr start at 10^12, those below are Django's.
struct UserId {
  std::int64_t value = 0;

  std::string text() const { return std::to_string(value); }
  auto operator<=>(const UserId&) const = default;
};

// Digits only, no sign, no leading zero, greater than zero; nullopt otherwise.
std::optional<UserId> parse_user_id(std::string_view text);

// A string of its own type; `Tag` only tells the types apart.
template <class Tag>
struct TextId {
  std::string value;

  const std::string& text() const { return value; }
  bool empty() const { return value.empty(); }
  auto operator<=>(const TextId&) const = default;
};

using RoomId = TextId<struct RoomTag>;        // 26 characters base32, '.', shard. Unguessable.
using SessionId = TextId<struct SessionTag>;  // A secret: what the cookie carries.
using TicketId = TextId<struct TicketTag>;    // A secret: opens one socket, once.

}  // namespace seendr

template <>
struct std::hash<seendr::UserId> {
  std::size_t operator()(const seendr::UserId& id) const noexcept {
    return std::hash<std::int64_t>()(id.value);
  }
};

template <class Tag>
struct std::hash<seendr::TextId<Tag>> {
  std::size_t operator()(const seendr::TextId<Tag>& id) const noexcept {
    return std::hash<std::string>()(id.value);
  }
};
