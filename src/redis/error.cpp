#include "redis/error.hpp"

#include <algorithm>
#include <array>

namespace seendr::redis {

ServerError::ServerError(std::string text)
    : system_error(make_error_code(Errc::server_error), text),
      text_(std::move(text)),
      kind_(text_.substr(0, text_.find(' '))) {}

bool is_outage(const ServerError& error) {
  static constexpr std::array<std::string_view, 9> kKinds = {
      "LOADING",    "BUSY",        "OOM",        "READONLY",  "MISCONF",
      "MASTERDOWN", "CLUSTERDOWN", "NOREPLICAS", "UNKILLABLE"};
  const auto says = [&error](std::string_view kind) {
    // Redis 6 quotes what a command of a script was answered: "ERR Error running script ...: -OOM".
    const std::string quoted = " -" + std::string(kind) + " ";
    return error.kind() == kind || error.text().find(quoted) != std::string::npos;
  };
  return std::any_of(kKinds.begin(), kKinds.end(), says);
}

const std::string& server_message(const system_error& error) {
  static const std::string none;
  const auto* refused = dynamic_cast<const ServerError*>(&error);
  return refused ? refused->text() : none;
}

}  // namespace seendr::redis
