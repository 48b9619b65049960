// What can go wrong between us and Redis.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace seendr::redis {

enum class Errc {
  timed_out = 1,    // The deadline of a command passed. If it had been sent, it may have run.
  overloaded,       // queue_limit commands wait already; nothing was sent.
  connection_lost,  // The connection broke after the command was sent: it may have run.
  stopped,          // The client was stopped; the command may have run.
  server_error,     // Redis answered with an error; see ServerError.
  protocol_error,   // What arrived is not RESP2.
  bad_reply,        // A reply of another kind than the caller expects.
  bad_url,
};

constexpr std::string_view describe(Errc e) {
  switch (e) {
    case Errc::timed_out:
      return "Redis did not answer in time";
    case Errc::overloaded:
      return "Too many Redis commands are waiting";
    case Errc::connection_lost:
      return "The connection to Redis was lost";
    case Errc::stopped:
      return "The Redis client was stopped";
    case Errc::server_error:
      return "Redis refused a command";
    case Errc::protocol_error:
      return "Redis sent something that is not its protocol";
    case Errc::bad_reply:
      return "Redis replied with another type than expected";
    case Errc::bad_url:
      return "The Redis URL is not valid";
  }
  return "An unknown Redis error";
}

using seendr::make_error_code;

// An error reply, thrown where one answers a single command. Its code is Errc::server_error.
class ServerError : public system_error {
 public:
  explicit ServerError(std::string text);

  // The first word of the text: "NOSCRIPT", "STALE_EPOCH", "LOADING", "BUSY", "OOM", "READONLY",
  // ...
  const std::string& kind() const { return kind_; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::string kind_;
};

// Whether Redis says so while it cannot do its work (it loads, is full, is a replica, ...), so that
// the same may go well later. Other error replies come again, however often one asks.
bool is_outage(const ServerError& error);

// The text of the error reply if the exception is a ServerError, else empty.
const std::string& server_message(const system_error& error);

}  // namespace seendr::redis

template <>
struct boost::system::is_error_code_enum<seendr::redis::Errc> : std::true_type {};
