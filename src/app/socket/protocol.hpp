// WebSocket frames of clients as structs: docs/protocol.md. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/env.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "match/person.hpp"

namespace seendr::app {

enum class Profile { article, v1 };

inline constexpr std::size_t kMaxFrameBytes = 64 * 1024;
inline constexpr std::size_t kMaxSdpBytes = 32 * 1024;
inline constexpr std::size_t kMaxChatCharacters = 2000;
inline constexpr std::size_t kMaxNoteCharacters = 2000;

namespace action {

struct Hello {
  std::string token;         // A ticket; empty without.
  std::string resume_token;  // Empty without.
};
struct FindMatch {
  std::vector<std::string> interests;  // Slugs.
  std::vector<std::string> languages;  // Empty: those of the account.
  std::vector<std::string> regions;    // Wanted; empty: the own one.
  match::Mode mode = match::Mode::video;
  match::Policy policy = match::Policy::prefer;
  int min_shared = 1;
  match::RegionPolicy region_policy = match::RegionPolicy::prefer;
  bool wait = false;
  std::optional<Millis> timeout;
  bool relay = false;  // This person's wish to hide the address.
};
struct CancelMatch {};
struct Next {
  RoomId room;
  std::optional<FindMatch> search;  // Absent: search as before.
};
struct LeaveRoom {
  RoomId room;
};
struct Signal {
  RoomId room;
  json::object body;  // Exactly one of description, candidate, renew.
};
struct IceServers {
  RoomId room;
};
struct Chat {
  RoomId room;
  std::string text;
  std::string client_msg_id;
};
struct Typing {
  RoomId room;
  bool active = false;
};
struct MediaState {
  RoomId room;
  bool audio = false;
  bool video = false;
  bool screen = false;
};
struct Report {
  RoomId room;
  std::string reason;
  std::string note;
};
struct Block {
  RoomId room;       // One of the two.
  std::string user;  // An alias (v1) or an id.
};
struct Subscribe {
  std::string channel;
  bool wanted = true;  // False: unsubscribe.
};
struct Ping {};

}  // namespace action

using What = std::variant<action::Hello, action::FindMatch, action::CancelMatch, action::Next,
                          action::LeaveRoom, action::Signal, action::IceServers, action::Chat,
                          action::Typing, action::MediaState, action::Report, action::Block,
                          action::Subscribe, action::Ping>;

struct Action {
  std::string name;
  std::string id;  // The client's; empty without.
  What what;
};

// Why a frame was not understood.
struct Refusal {
  std::string code;  // An error code of the protocol.
  std::string message;
  std::string id;
};

std::variant<Action, Refusal> parse_action(std::string_view frame, Profile profile);

// {"type": "error", ...}. `temporary`: trying again makes sense.
json::object error_frame(std::string_view code, std::string_view message, bool temporary);

}  // namespace seendr::app
