// Relays what one person in a room sends to the other, wherever that one is connected.
//
// A frame for somebody in this process is handed over directly; otherwise it goes over the channel
// layer to the group seendr.user.<id>, and the process that holds that seat delivers it. Both ways
// the receiver checks that the two really sit in that room.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/env.hpp"
#include "base/ids.hpp"
#include "channels/layer.hpp"

namespace seendr::rooms {

struct RoomFrame {
  RoomId room;
  UserId from;
  UserId to;
  std::string kind;     // signal, chat_message, typing, media_state, partner_state, receipt
  std::string body;     // JSON object: the fields of the frame, without type, from and room_id.
  std::string id = {};  // Set: a receipt {"id"} is wanted once the partner's socket has it.
};

// Seendr's own group of a person. (user_<id> belongs to Django's consumers.)
std::string user_group(UserId user);

channels::Message to_message(const RoomFrame& frame);
std::optional<RoomFrame> from_message(
    const channels::Message& message);  // nullopt: not a room frame.

class Signalling {
 public:
  // Delivers to a seat in this process; false when `to` has no seat of that room here.
  using Deliver = std::function<bool(const RoomFrame&)>;

  Signalling(const Env& env, channels::Layer& layer, Deliver deliver);

  // False when nobody could be reached: no process has the person, or its inbox is full.
  awaitable<bool> relay(RoomFrame frame);

 private:
  Env env_;
  channels::Layer& layer_;
  Deliver deliver_;
  Counter& local_;
  Counter& remote_;
  Counter& lost_;
};

}  // namespace seendr::rooms
