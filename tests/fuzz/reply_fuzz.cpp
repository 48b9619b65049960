// What Redis sends: however it is cut, the same replies come out, or the same failure.
#include <string>

#include "redis/reply_parser.hpp"

#include "fuzz/fuzz.hpp"

namespace seendr::redis {
namespace {

void write(const Reply& reply, std::string& out) {
  out += std::to_string(static_cast<int>(reply.kind()));
  if (reply.is_array()) {
    out += '(';
    for (const Reply& element : reply.as_array()) write(element, out);
    out += ')';
  } else if (reply.is_error()) {
    out += reply.error_text();
  } else if (!reply.is_nil()) {
    out += reply.text();
  }
  out += ';';
}

std::string replies_in(std::string_view bytes, std::size_t piece) {
  ReplyParser parser;
  std::string out;
  try {
    while (!bytes.empty()) {
      const std::string_view next = bytes.substr(0, piece);
      parser.feed(next);
      bytes.remove_prefix(next.size());
      while (const std::optional<Reply> reply = parser.next()) write(*reply, out);
    }
  } catch (const system_error&) {
    out += "failed";
  }
  return out;
}

}  // namespace
}  // namespace seendr::redis

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using seendr::redis::ReplyParser;
  const std::string_view bytes = seendr::fuzz::text_of(data, size);
  const std::string whole = seendr::redis::replies_in(bytes, ReplyParser::kPiece);
  const std::string torn = seendr::redis::replies_in(bytes, 1);
  seendr::fuzz::require(whole == torn, "replies do not depend on how their bytes are cut");
  return 0;
}
