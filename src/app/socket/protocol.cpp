#include "app/socket/protocol.hpp"

namespace seendr::app {

namespace {

constexpr std::size_t kMaxId = 64;
constexpr std::size_t kMaxRoomId = 128;
constexpr std::size_t kMaxCandidateBytes = 4096;

RoomId room_of(json::Reader& frame) {
  return RoomId{frame.text("room_id", {.min = 1, .max = kMaxRoomId})};
}

std::vector<std::string> tags(json::Reader& frame, std::string_view key) {
  std::vector<std::string> values = frame.texts(
      key, {.optional = true, .max = match::kMaxTags, .max_item = match::kMaxTagLength});
  for (const std::string& value : values) {
    if (!match::is_tag(value)) frame.reject(key, "\"" + value + "\" is not a code");
  }
  return values;
}

action::FindMatch find_match(json::Reader& frame, bool article) {
  action::FindMatch search;
  search.interests = frame.texts("interests", {.optional = true, .max = match::kMaxInterests});
  if (article) return search;
  search.languages = tags(frame, "languages");
  search.regions = tags(frame, "regions");
  const auto mode = match::parse_mode(frame.one_of("mode", {"text", "audio", "video"}, "video"));
  const auto policy =
      match::parse_policy(frame.one_of("policy", {"strict", "prefer", "any"}, "prefer"));
  const auto region =
      match::parse_region_policy(frame.one_of("region_policy", {"strict", "prefer"}, "prefer"));
  search.relay = frame.one_of("ice_policy", {"all", "relay"}, "all") == "relay";
  search.min_shared = static_cast<int>(
      frame.integer("min_shared", {.optional = true, .fallback = 1, .min = 1, .max = 10}));
  search.wait = frame.boolean("wait", false);
  const std::int64_t timeout =
      frame.integer("timeout_ms", {.optional = true, .fallback = -1, .min = 1, .max = 86'400'000});
  if (timeout > 0) search.timeout = Millis(timeout);
  if (!frame.ok()) return search;
  search.mode = *mode;
  search.policy = *policy;
  search.region_policy = *region;
  return search;
}

bool asks_for_a_search(const json::object& frame) {
  for (const auto key : {"interests", "languages", "regions", "mode", "policy", "wait",
                         "timeout_ms", "min_shared", "region_policy", "ice_policy"}) {
    if (frame.contains(key)) return true;
  }
  return false;
}

// The browser's own spelling passes unchanged; only what could hurt is looked at.
action::Signal signal(json::Reader& frame, const json::object& object, std::string& code) {
  action::Signal signal;
  signal.room = room_of(frame);
  int kinds = 0;
  if (const json::value* description = object.if_contains("description")) {
    ++kinds;
    if (!description->is_object()) {
      frame.reject("description", "must be an object");
    } else {
      json::Reader inner(description->get_object(), "description");
      const std::string type =
          inner.one_of("type", {"offer", "answer", "pranswer", "rollback"}, "");
      const std::string sdp =
          inner.text("sdp", {.optional = type == "rollback", .max = kMaxFrameBytes});
      if (type.empty()) inner.reject("type", "is required");
      if (!inner.ok()) frame.reject("description", inner.problem());
      if (sdp.size() > kMaxSdpBytes) code = "too_large";
      signal.body["description"] = json::object{{"type", type}, {"sdp", sdp}};
    }
  }
  if (const json::value* candidate = object.if_contains("candidate")) {
    ++kinds;
    if (!candidate->is_null() && !candidate->is_object()) {
      frame.reject("candidate", "must be an object or null");
    } else if (json::serialize(*candidate).size() > kMaxCandidateBytes) {
      code = "too_large";
    }
    signal.body["candidate"] = *candidate;
  }
  if (const json::value* renew = object.if_contains("renew")) {
    ++kinds;
    if (!renew->is_bool() || !renew->get_bool()) frame.reject("renew", "must be true");
    signal.body["renew"] = true;
  }
  if (kinds != 1) frame.reject("signal", "has exactly one of description, candidate and renew");
  return signal;
}

action::Chat chat(json::Reader& frame, std::string& code) {
  action::Chat message;
  message.room = room_of(frame);
  message.text = frame.text("text", {.min = 1, .max = kMaxFrameBytes});
  message.client_msg_id = frame.text("client_msg_id", {.optional = true, .max = kMaxId});
  if (json::length(message.text) > kMaxChatCharacters) code = "too_large";
  return message;
}

action::Report report(json::Reader& frame) {
  action::Report report;
  report.room = room_of(frame);
  report.reason = frame.one_of("reason", {"nudity", "abuse", "underage", "spam", "other"}, "");
  if (report.reason.empty()) frame.reject("reason", "is required");
  report.note = frame.text("note", {.optional = true, .max = kMaxNoteCharacters});
  return report;
}

action::Block block(json::Reader& frame) {
  action::Block block;
  if (frame.has("room_id")) {
    block.room = room_of(frame);
  } else {
    block.user = frame.text("user_id", {.min = 1, .max = kMaxId});
  }
  return block;
}

// nullopt for an action that is not in the protocol. `code` is set where a limit has one of its
// own.
std::optional<What> read(const std::string& name, json::Reader& frame, const json::object& object,
                         std::string& code) {
  if (name == "find_match") return find_match(frame, false);
  if (name == "cancel_match") return action::CancelMatch{};
  if (name == "next") {
    action::Next next{room_of(frame), std::nullopt};
    if (asks_for_a_search(object)) next.search = find_match(frame, false);
    return next;
  }
  if (name == "leave_room") return action::LeaveRoom{room_of(frame)};
  if (name == "signal") return signal(frame, object, code);
  if (name == "ice_servers") return action::IceServers{room_of(frame)};
  if (name == "chat_message") return chat(frame, code);
  if (name == "typing") return action::Typing{room_of(frame), frame.boolean("active", false)};
  if (name == "media_state") {
    return action::MediaState{room_of(frame), frame.boolean("audio", false),
                              frame.boolean("video", false), frame.boolean("screen", false)};
  }
  if (name == "report") return report(frame);
  if (name == "block") return block(frame);
  if (name == "subscribe" || name == "unsubscribe") {
    const std::string channel = frame.text("channel", {.min = 1, .max = kMaxId});
    return action::Subscribe{channel, name == "subscribe"};
  }
  if (name == "hello") {
    return action::Hello{frame.text("token", {.optional = true}),
                         frame.text("resume_token", {.optional = true})};
  }
  return std::nullopt;
}

}  // namespace

std::variant<Action, Refusal> parse_action(std::string_view text, Profile profile) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 32;
  const json::value document = json::parse(text, error, {}, options);
  if (error) return Refusal{"bad_json", "the frame is not JSON", ""};
  if (!document.is_object()) return Refusal{"bad_request", "the frame is not an object", ""};
  const json::object& object = document.get_object();

  json::Reader frame(object);
  Action action;
  action.id = frame.text("id", {.optional = true, .max = kMaxId});
  action.name = frame.text("action", {.min = 1, .max = kMaxId});
  if (!frame.ok()) return Refusal{"bad_request", frame.problem(), action.id};

  std::string code = "bad_request";
  std::optional<What> what;
  if (action.name == "ping") {
    what = action::Ping{};
  } else if (profile == Profile::v1) {
    what = read(action.name, frame, object, code);
  } else if (action.name == "find_match") {
    what = find_match(frame, true);
  }
  if (!what) return Refusal{"unknown_action", "there is no action " + action.name, action.id};
  if (!frame.ok()) return Refusal{"bad_request", frame.problem(), action.id};
  if (code == "too_large") return Refusal{code, "a field is over its limit", action.id};
  action.what = std::move(*what);
  return action;
}

json::object error_frame(std::string_view code, std::string_view message, bool temporary) {
  return json::object{
      {"type", "error"}, {"code", code}, {"message", message}, {"temporary", temporary}};
}

}  // namespace seendr::app
