#include "app/socket/socket.hpp"

#include <algorithm>

namespace seendr::app {

namespace {

constexpr std::size_t kRemembered = 64;

std::string request_key(const std::string& action, const std::string& id) {
  return action + "|" + id;
}

}  // namespace

Socket::Socket(std::uint64_t socket_id, Profile p, std::string hash, Executor executor,
               std::shared_ptr<http::WebSocket> websocket)
    : id(socket_id),
      profile(p),
      session_hash(std::move(hash)),
      executor_(executor),
      websocket_(std::move(websocket)) {}

void Socket::push(std::string text, http::Priority priority) {
  net::post(executor_, [ws = websocket_, text = std::move(text), priority]() mutable {
    ws->send(std::move(text), priority);
  });
}

void Socket::send_low(const json::object& frame) {
  push(json::serialize(frame), http::Priority::low);
}

void Socket::send(const json::object& frame) {
  push(json::serialize(frame), http::Priority::normal);
}

void Socket::send_counted(json::object frame) {
  if (profile == Profile::v1) frame["seq"] = ++seq_;
  send(frame);
}

void Socket::close(std::uint16_t code, std::string reason) {
  net::post(executor_, [ws = websocket_, code, reason = std::move(reason)]() mutable {
    ws->close(code, std::move(reason));
  });
}

bool Socket::begin(const Action& action) {
  if (action.id.empty()) return true;
  const std::string key = request_key(action.name, action.id);
  const auto found = std::find_if(remembered_.begin(), remembered_.end(),
                                  [&key](const Remembered& r) { return r.key == key; });
  if (found != remembered_.end()) {
    if (!found->frame.empty()) push(found->frame, http::Priority::normal);
    return false;
  }
  remembered_.push_back(Remembered{key, ""});
  if (remembered_.size() > kRemembered) remembered_.pop_front();
  return true;
}

void Socket::answer(const std::string& action, const std::string& request, json::object frame,
                    bool counted) {
  if (counted && profile == Profile::v1) frame["seq"] = ++seq_;
  if (!request.empty()) frame["id"] = request;
  std::string text = json::serialize(frame);
  if (!request.empty()) {
    const std::string key = request_key(action, request);
    for (Remembered& r : remembered_) {
      if (r.key == key && r.frame.empty()) r.frame = text;
    }
  }
  push(std::move(text), http::Priority::normal);
}

}  // namespace seendr::app
