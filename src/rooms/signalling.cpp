#include "rooms/signalling.hpp"

namespace seendr::rooms {

namespace {

constexpr const char* kType = "seendr.room";

}  // namespace

std::string user_group(UserId user) {
  return "seendr.user." + user.text();
}

channels::Message to_message(const RoomFrame& frame) {
  channels::Message message{
      {"type", kType},         {"room", frame.room.text()}, {"from", frame.from.text()},
      {"to", frame.to.text()}, {"kind", frame.kind},        {"body", frame.body}};
  if (!frame.id.empty()) message["id"] = frame.id;
  return message;
}

std::optional<RoomFrame> from_message(const channels::Message& message) {
  const auto text = [&message](const char* key) {
    const auto found = message.find(key);
    return found != message.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (text("type") != kType) return std::nullopt;
  const auto from = parse_user_id(text("from"));
  const auto to = parse_user_id(text("to"));
  if (!from || !to) return std::nullopt;
  return RoomFrame{RoomId{text("room")}, *from, *to, text("kind"), text("body"), text("id")};
}

Signalling::Signalling(const Env& env, channels::Layer& layer, Deliver deliver)
    : env_(env),
      layer_(layer),
      deliver_(std::move(deliver)),
      local_(env.metrics.counter("seendr_rooms_frames_total", "Frames relayed, by way.",
                                 {{"way", "local"}})),
      remote_(env.metrics.counter("seendr_rooms_frames_total", "Frames relayed, by way.",
                                  {{"way", "remote"}})),
      lost_(env.metrics.counter("seendr_rooms_frames_total", "Frames relayed, by way.",
                                {{"way", "lost"}})) {}

awaitable<bool> Signalling::relay(RoomFrame frame) {
  if (deliver_(frame)) {
    local_.Increment();
    co_return true;
  }
  const channels::SendResult sent =
      co_await layer_.group_send(user_group(frame.to), to_message(frame));
  const bool reached = sent.members > sent.full;
  (reached ? remote_ : lost_).Increment();
  if (sent.full > 0) {
    env_.log.warn("room_frame_over_capacity", "room", frame.room.text(), "user", frame.from.text());
  }
  co_return reached;
}

}  // namespace seendr::rooms
