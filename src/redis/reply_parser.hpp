// Turns bytes from Redis, however they are cut, into replies; hiredis' standalone reader does it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "redis/error.hpp"
#include "redis/reply.hpp"

struct redisReader;

namespace seendr::redis {

class ReplyParser {
 public:
  ReplyParser();
  ReplyParser(const ReplyParser&) = delete;
  ReplyParser& operator=(const ReplyParser&) = delete;
  ~ReplyParser();

  // Takes in what arrived. Feed at most kPiece bytes before calling next() until it is empty: the
  // reader moves what it has not parsed.
  void feed(std::string_view bytes);
  static constexpr std::size_t kPiece = std::size_t{16} * 1024;

  // The next complete reply. Throws protocol_error, after which the parser cannot be used.
  std::optional<Reply> next();

 private:
  struct Build;

  redisReader* reader_;
  Reply root_;  // The reply that is being built.
};

}  // namespace seendr::redis
