// One WebSocket of a browser: text messages in, a bounded queue of text messages out, heartbeat.
#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/message.hpp"
#include "runtime/net.hpp"

namespace seendr::http {

struct WebSocketOptions {
  std::size_t message_limit_bytes = 64 * 1024;  // Longer: close 1009, unread.
  std::size_t queue_limit_bytes = 1024 * 1024;  // Of messages not yet taken by the kernel.
  std::chrono::milliseconds ping_interval{25'000};
  std::chrono::milliseconds pong_timeout{10'000};
  std::chrono::milliseconds close_timeout{5'000};  // For the peer's part of the closing handshake.
};

// Close codes of protocol.md 1.6 that this layer uses itself.
namespace close_code {
enum : std::uint16_t {
  normal = 1000,
  protocol_error = 1002,
  unsupported_data = 1003,  // A binary message.
  abnormal = 1006,          // Never on the wire: the connection just ended.
  invalid_utf8 = 1007,
  too_big = 1009,
  restart = 1012,
  no_pong = 4001,
  slow_consumer = 4008,
};
}  // namespace close_code

// normal: never dropped. low: dropped, newest first, when the queue is full (typing, quality).
enum class Priority { normal, low };

// Used on its server's thread only. Held by shared_ptr: the reader and whoever sends share its end.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  // The next text message; nullopt, from then on always, when the peer is gone or either side has
  // closed. Requires: one read at a time.
  virtual awaitable<std::optional<std::string>> read() = 0;

  // Queues one message; order is kept. Nothing happens after the end. When the queue passes its
  // limit even without low messages, the socket closes with 4008.
  virtual void send(std::string text, Priority priority = Priority::normal) = 0;

  // Sends what is queued, then the close frame; ends hard after close_timeout. The first call
  // counts. `reason`: at most 123 bytes of UTF-8, cut otherwise.
  virtual void close(std::uint16_t code, std::string reason = {}) = 0;

  virtual bool is_open() const = 0;              // Not closed, not closing.
  virtual std::uint16_t close_code() const = 0;  // 0 while open; whoever closed first decides.
  virtual std::size_t queued_bytes() const = 0;
  virtual const std::string& remote_address() const = 0;
  virtual const std::string& request_id() const = 0;
  virtual const std::string& subprotocol() const = 0;  // Empty when none was agreed.
};

// Whether an upgrade is taken, and with what.
struct UpgradeDecision {
  std::optional<Response> refusal;  // Set: answered instead of the upgrade.
  std::string subprotocol;          // Requires: empty, or one the client offered.
  std::any context;                 // Handed to serve().

  static UpgradeDecision accept(std::string subprotocol, std::any context);
  static UpgradeDecision refuse(Response response);
};

// The subprotocols a client offers, in its order.
std::vector<std::string> offered_subprotocols(const Request& request);

struct WebSocketRoute {
  std::string path;  // Exact; with and without a trailing slash.
  std::function<awaitable<UpgradeDecision>(Request)> decide;
  // Runs as long as the socket: when it returns, the socket closes (1000 unless closed before).
  std::function<awaitable<void>(std::shared_ptr<WebSocket>, std::any context)> serve;
};

using WebSocketRoutes = std::vector<WebSocketRoute>;

}  // namespace seendr::http
