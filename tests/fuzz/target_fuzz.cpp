// Targets and header fields of HTTP requests: no path leaves its folder, no text is broken.
#include "codec/text.hpp"
#include "http/static_files.hpp"
#include "http/target.hpp"
#include "http/websocket.hpp"

#include "fuzz/fuzz.hpp"

namespace seendr::http {
namespace {

bool is_sound(std::string_view text) {
  return is_utf8(text) && text.find('\0') == std::string_view::npos;
}

void check_target(std::string_view text) {
  const std::optional<Target> target = parse_target(text);
  if (!target) return;
  fuzz::require(is_sound(target->path), "the path is sound");
  for (const std::string& segment : target->segments) {
    fuzz::require(segment != "." && segment != ".." && !segment.empty(), "a segment is a name");
  }
  for (const auto& [name, value] : target->query) {
    fuzz::require(is_sound(name) && is_sound(value), "the query is sound");
  }
}

void check_fields(std::string_view text) {
  Request request;
  for (const char* name : {"Cookie", "Sec-WebSocket-Protocol"}) {
    request.headers.add(name, std::string(text));
  }
  request.cookie("sessionid");
  offered_subprotocols(request);
  for (const char* coding : {"gzip", "br"}) {
    const int wanted = coding_quality(text, coding);
    fuzz::require(wanted >= 0 && wanted <= 1000, "a quality is within its scale");
  }
}

}  // namespace
}  // namespace seendr::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = seendr::fuzz::text_of(data, size);
  seendr::http::check_target(text);
  seendr::http::check_fields(text);
  return 0;
}
