#include "app/socket/socket.hpp"

#include <algorithm>
#include <atomic>

namespace seendr::app {

namespace {

constexpr std::size_t kRememberedRequests = 64;

std::string request_key(const std::string& action, const std::string& id) {
  return action + "|" + id;
}

bool says_try_again(const json::object& frame) {
  const json::value* temporary = frame.if_contains("temporary");
  return temporary && temporary->is_bool() && temporary->get_bool();
}

}  // namespace

std::uint64_t next_socket_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

Socket::Socket(std::uint64_t socket_id, Profile p, std::string hash, Executor executor)
    : id(socket_id),
      profile(p),
      session_hash(std::move(hash)),
      executor_(executor),
      line_(std::make_shared<Line>()) {}

void Socket::open(std::shared_ptr<http::WebSocket> websocket) {
  line_->websocket = std::move(websocket);
  for (const auto& call : std::exchange(line_->waiting, {})) call(*line_->websocket);
}

void Socket::push(std::string text, http::Priority priority) {
  if (tap) return tap(text);
  net::post(executor_, [line = line_, text = std::move(text), priority]() mutable {
    line->use([text = std::move(text), priority](http::WebSocket& websocket) mutable {
      websocket.send(std::move(text), priority);
    });
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
  net::post(executor_, [line = line_, code, reason = std::move(reason)]() mutable {
    line->use([code, reason = std::move(reason)](http::WebSocket& websocket) {
      websocket.close(code, reason);
    });
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
  if (remembered_.size() > kRememberedRequests) remembered_.pop_front();
  return true;
}

void Socket::turn_away(const std::string& action, const std::string& request, json::object frame) {
  if (!request.empty()) {
    frame["id"] = request;
    const std::string key = request_key(action, request);
    std::erase_if(remembered_, [&key](const Remembered& r) { return r.key == key; });
  }
  send(frame);
}

void Socket::answer(const std::string& action, const std::string& request, json::object frame,
                    bool counted) {
  if (says_try_again(frame)) return turn_away(action, request, std::move(frame));
  if (counted && profile == Profile::v1) frame["seq"] = ++seq_;
  if (!request.empty()) frame["id"] = request;
  std::string text = json::serialize(frame);
  if (!request.empty()) {
    const std::string key = request_key(action, request);
    for (Remembered& r : remembered_) {
      if (r.key == key) r.frame = text;
    }
  }
  push(std::move(text), http::Priority::normal);
}

}  // namespace seendr::app
