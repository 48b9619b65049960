#include "lab/player.hpp"

#include <stdexcept>

#include "base/json.hpp"
#include "runtime/timeout.hpp"

namespace seendr::lab {
namespace {

constexpr Millis kConnectLimit{30'000};

std::string text_of(const json::object& frame, std::string_view key) {
  const json::value* value = frame.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

// As the article writes it, a number; elsewhere a string.
std::string id_of(const json::object& frame, std::string_view key) {
  const json::value* value = frame.if_contains(key);
  if (value && value->is_number()) return json::serialize(*value);
  return text_of(frame, key);
}

json::array array_of(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

}  // namespace

Player::Player(const Env& env, Person person, http::ClientTarget server, Manner manner,
               Witness& witness, TaskGroup& group)
    : env_(env),
      person_(std::move(person)),
      server_(std::move(server)),
      manner_(manner),
      witness_(witness),
      group_(group),
      index_(witness.add(person_.user, manner == Manner::article ? Naming::ids : Naming::aliases)) {
}

awaitable<void> Player::connect() {
  const http::Headers headers{{"Cookie", "sessionid=" + person_.session}};
  const std::string subprotocol = manner_ == Manner::standing ? "seendr.v1" : "";
  const std::string path = "/ws/matching/";
  http::WebSocketClient::Outcome outcome = co_await with_timeout(
      http::WebSocketClient::connect(server_, path, headers, subprotocol), kConnectLimit);
  if (!outcome.socket) {
    throw std::runtime_error("user " + person_.user + " was refused: " +
                             std::to_string(outcome.response.status) + " " + outcome.response.body);
  }
  socket_ = std::move(outcome.socket);
  if (manner_ == Manner::standing) {
    co_await with_timeout(say_hello(), kConnectLimit);
  }
  connected_ = true;
  group_.spawn("listen", listen());
}

awaitable<void> Player::say_hello() {
  const std::string hello = R"({"action":"hello","client":{"name":"lab","version":"1"}})";
  co_await socket_->send(hello);
  const http::WebSocketClient::Message answer = co_await socket_->read();
  const std::string text = answer.text.value_or("closed " + std::to_string(answer.close_code));
  const std::optional<json::object> frame = json::parse_object(text);
  if (frame && text_of(*frame, "type") == "welcome") co_return;
  throw std::runtime_error("user " + person_.user + " was not welcome: " + text);
}

void Player::search(const Wish& wish) {
  if (!room().empty()) return;
  json::object frame{{"action", "find_match"}, {"interests", array_of(person_.interests)}};
  if (manner_ == Manner::standing) {
    frame["languages"] = array_of(person_.languages);
    frame["mode"] = "video";
    frame["policy"] = wish.policy;
    frame["min_shared"] = wish.min_shared;
    frame["wait"] = true;
  }
  searching_ = true;
  witness_.searched(index_, now());
  post(frame);
}

void Player::cancel() {
  if (manner_ == Manner::article) return;
  const json::object frame{{"action", "cancel_match"}};
  post(frame);
}

void Player::leave() {
  if (room().empty()) return;
  const json::object frame{{"action", "leave_room"}, {"room_id", room()}};
  witness_.leaves(index_);
  if (manner_ == Manner::article) return;
  leaving_ = connected_;
  post(frame);
}

void Player::cut() {
  cut_ = true;
  witness_.leaves(index_);
  if (socket_) socket_->cut();
}

void Player::post(const json::object& frame) {
  if (!connected_) return;
  outbox_.push_back(json::serialize(frame));
  if (flushing_) return;
  flushing_ = true;
  group_.spawn("send", flush());
}

awaitable<void> Player::flush() {
  while (connected_ && !outbox_.empty()) {
    std::string next = std::move(outbox_.front());
    outbox_.pop_front();
    co_await socket_->send(std::move(next));
  }
  flushing_ = false;
}

awaitable<void> Player::listen() {
  while (connected_) {
    const http::WebSocketClient::Message message = co_await socket_->read();
    if (message.text) {
      receive(*message.text);
      continue;
    }
    connected_ = false;
    stop_searching();
    leaving_ = false;
    if (!cut_) close_code_ = message.close_code;
  }
}

void Player::receive(const std::string& text) {
  const std::optional<json::object> frame = json::parse_object(text);
  if (!frame) throw std::runtime_error("the server sent no JSON object: " + text);
  const std::string type = text_of(*frame, "type");
  if (type == "match_found") return be_matched(*frame);
  if (type == "no_match_found" || type == "match_cancelled") stop_searching();
  if (type == "partner_left" || type == "room_closed") {
    leaving_ = false;
    witness_.told_end(index_, text_of(*frame, "room_id"), type + " " + text_of(*frame, "reason"));
  }
  if (type == "error") {
    const std::string code = text_of(*frame, "code");
    if (code == "not_in_room" && room().empty()) return;  // Both sides left at the same moment.
    ++errors_[code];
    leaving_ = false;
    if (room().empty()) stop_searching();
  }
}

void Player::be_matched(const json::object& frame) {
  const std::string room_id = text_of(frame, "room_id");
  searching_ = false;
  witness_.told_match(index_, room_id, id_of(frame, "partner_id"), now());
  if (manner_ == Manner::standing) {
    // The first frame that names the room: what the web client says as soon as it is in the call.
    const json::object entered{{"action", "media_state"},
                               {"room_id", room_id},
                               {"audio", true},
                               {"video", true},
                               {"screen", false}};
    post(entered);
  }
  if (on_match_) on_match_(*this);
}

void Player::stop_searching() {
  searching_ = false;
  witness_.found_nobody(index_);
}

Micros Player::now() const {
  const auto since_start = env_.clock.now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since_start).count();
}

}  // namespace seendr::lab
