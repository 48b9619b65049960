// One WebSocket of a signed-in person, as the hub sees it: made on the thread of its connection,
// used on the hub's; what is sent is handed over to the connection's thread.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/accounts/users.hpp"
#include "app/socket/protocol.hpp"
#include "http/websocket.hpp"
#include "runtime/net.hpp"

namespace seendr::app {

class Socket {
 public:
  // `executor`: of the connection.
  Socket(std::uint64_t id, Profile profile, std::string session_hash, Executor executor);

  // On the connection's thread, once: the upgrade is done. Frames sent before waited for it.
  void open(std::shared_ptr<http::WebSocket> websocket);

  const std::uint64_t id;  // Unique in the process, never 0.
  const Profile profile;
  const std::string session_hash;

  // A frame that may be dropped when the client reads slowly: typing, quality, searching.
  void send_low(const json::object& frame);
  void send(const json::object& frame);

  // A frame that must not be lost: gets the next `seq` in seendr.v1.
  void send_counted(json::object frame);

  void close(std::uint16_t code, std::string reason);

  // Set: takes every frame instead of a connection. For a person who is here over HTTP only.
  std::function<void(const std::string& frame)> tap;

  // Answers are remembered by action and id, those of the last 64 requests, so that the same
  // request again is answered from memory: with the last answer there was. begin() returns false
  // for a request that was seen before, after sending that again if there is one already. Requests
  // without id are always new.
  bool begin(const Action& action);

  // Sends `frame` as the answer to the request, with its id. `counted`: must not be lost. An error
  // that is temporary is not remembered: the request is turned away.
  void answer(const std::string& action, const std::string& id, json::object frame,
              bool counted = false);

  // The same for a request that was not executed: asked again it is a new one.
  void turn_away(const std::string& action, const std::string& id, json::object frame);

  std::string resume_token;  // Told in `welcome`; names this page across reconnects.
  std::string connection;    // Id of the request it came with, for the log.
  std::string hello_id;      // Echoed in `welcome`; empty: there was none.

 private:
  struct Remembered {
    std::string key;
    std::string frame;  // Empty until answered.
  };

  // The connection's end, used on its thread only. What is sent before the upgrade waits here: a
  // frame or two of a match, as the client can ask for nothing yet.
  struct Line {
    std::shared_ptr<http::WebSocket> websocket;
    std::vector<std::function<void(http::WebSocket&)>> waiting;
    template <class Call>  // void(http::WebSocket&)
    void use(Call call) {
      if (websocket) return call(*websocket);
      waiting.emplace_back(std::move(call));
    }
  };

  void push(std::string text, http::Priority priority);

  Executor executor_;
  std::shared_ptr<Line> line_;
  std::deque<Remembered> remembered_;
  std::uint64_t seq_ = 0;
};

using SocketPtr = std::shared_ptr<Socket>;

// A new one at each call, from any thread.
std::uint64_t next_socket_id();

}  // namespace seendr::app
