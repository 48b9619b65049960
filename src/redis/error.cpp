#include "redis/error.hpp"

namespace seendr::redis {

ServerError::ServerError(std::string text)
    : system_error(make_error_code(Errc::server_error), text),
      text_(std::move(text)),
      kind_(text_.substr(0, text_.find(' '))) {}

const std::string& server_message(const system_error& error) {
  static const std::string none;
  const auto* refused = dynamic_cast<const ServerError*>(&error);
  return refused ? refused->text() : none;
}

}  // namespace seendr::redis
