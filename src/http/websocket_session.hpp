// The server's side of one WebSocket: outgoing queue, heartbeat, end. Internal to this folder.
#pragma once

#include <list>
#include <memory>
#include <string>

#include "http/server_state.hpp"
#include "http/websocket.hpp"
#include "http/ws_stream.hpp"

namespace seendr::http {

class WebSocketSession final : public WebSocket,
                               public Deadlines::Entry,
                               public Live,
                               public std::enable_shared_from_this<WebSocketSession> {
 public:
  // `server` is not touched any more once finish() has completed or cut() was called.
  WebSocketSession(ServerState& server, Transport transport, const Request& request,
                   std::string subprotocol);

  // Sends the 101. False: the connection broke.
  awaitable<bool> open(Request request);

  awaitable<std::optional<std::string>> read() override;
  void send(std::string text, Priority priority) override;
  void close(std::uint16_t code, std::string reason) override;

  bool is_open() const override { return code_ == 0; }
  std::uint16_t close_code() const override { return code_; }
  std::size_t queued_bytes() const override { return queued_bytes_; }
  const std::string& remote_address() const override { return remote_address_; }
  const std::string& request_id() const override { return request_id_; }
  const std::string& subprotocol() const override { return subprotocol_; }

  // Closes with 1000 unless closed before, and completes when the connection has ended.
  awaitable<void> finish();

  void hang_up() override { close(close_code::restart, "restart"); }
  void cut() override;
  WebSocket* as_websocket() override { return this; }

 private:
  struct Outgoing {
    std::string text;
    Priority priority;
  };

  void expire(std::int64_t now_ms) override;
  void heard();
  void ping(std::int64_t now_ms);
  void pump();
  void shed();
  void end(const error_code& error);

  ServerState* server_;
  WsStream stream_;
  std::list<Outgoing> queue_;  // The first one is being written.
  std::size_t queued_bytes_ = 0;
  std::int64_t heard_ms_ = 0;
  std::int64_t pinged_ms_ = 0;  // 0: no pong is awaited.
  std::uint16_t code_ = 0;
  bool is_ours_ = false;  // We closed first.
  bool is_writing_ = false;
  bool is_pinging_ = false;
  bool is_close_sent_ = false;
  bool has_ended_ = false;
  std::string reason_;
  const std::string remote_address_;
  const std::string request_id_;
  const std::string subprotocol_;
};

}  // namespace seendr::http
