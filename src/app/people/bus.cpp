#include "app/people/bus.hpp"

namespace seendr::app::bus {

namespace {

std::string text(const channels::Message& message, const char* key) {
  const auto found = message.find(key);
  return found != message.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool flag(const channels::Message& message, const char* key) {
  const auto found = message.find(key);
  return found != message.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace

channels::Message to_message(const Arriving& m) {
  return {{"type", "seendr.arriving"},
          {"user", m.user.text()},
          {"reply_to", m.reply_to},
          {"resume_token", m.resume_token},
          {"patient", m.patient}};
}

channels::Message to_message(const SeatAnswer& m) {
  channels::Message held = channels::Message::array();
  for (const rooms::HeldFrame& frame : m.held)
    held.push_back({{"kind", frame.kind}, {"body", frame.body}, {"id", frame.id}});
  return {{"type", "seendr.seat"}, {"user", m.user.text()}, {"busy", m.busy}, {"held", held}};
}

channels::Message to_message(const Banned& m) {
  return {{"type", "seendr.banned"}, {"user", m.user.text()}};
}

channels::Message to_message(const SessionEnded& m) {
  return {{"type", "seendr.session_ended"}, {"user", m.user.text()}, {"session", m.session_hash}};
}

channels::Message to_message(const Gone& m) {
  return {{"type", "seendr.gone"}, {"user", m.user.text()}};
}

channels::Message to_message(const Unblocked& m) {
  return {{"type", "seendr.unblocked"}, {"user", m.user.text()}, {"other", m.other.text()}};
}

channels::Message to_message(const AccountChanged& m) {
  return {{"type", "seendr.account"}, {"user", m.user.text()}};
}

channels::Message to_message(const Notice& m) {
  return {{"type", "seendr.notice"}, {"user", m.user.text()}, {"data", m.data}};
}

std::optional<Received> from_message(const channels::Message& message) {
  const std::string type = text(message, "type");
  const auto user = parse_user_id(text(message, "user"));
  if (!user) return std::nullopt;
  if (type == "seendr.arriving") {
    return Arriving{*user, text(message, "reply_to"), text(message, "resume_token"),
                    flag(message, "patient")};
  }
  if (type == "seendr.seat") {
    SeatAnswer answer{*user, flag(message, "busy"), {}};
    if (const auto held = message.find("held"); held != message.end() && held->is_array()) {
      for (const channels::Message& frame : *held) {
        answer.held.push_back(
            rooms::HeldFrame{text(frame, "kind"), text(frame, "body"), text(frame, "id")});
      }
    }
    return answer;
  }
  if (type == "seendr.banned") return Banned{*user};
  if (type == "seendr.account") return AccountChanged{*user};
  if (type == "seendr.gone") return Gone{*user};
  if (type == "seendr.notice") return Notice{*user, text(message, "data")};
  if (type == "seendr.session_ended") return SessionEnded{*user, text(message, "session")};
  if (type == "seendr.unblocked") {
    const auto other = parse_user_id(text(message, "other"));
    if (other) return Unblocked{*user, *other};
  }
  return std::nullopt;
}

}  // namespace seendr::app::bus
