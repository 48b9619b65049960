// The bytes of a response before its body. Pure. Internal to this folder.
#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace seendr::http {

struct ResponseFrame {
  std::string_view date;
  std::string_view request_id;
  const Headers& defaults;  // Those the response does not set itself.
  bool keeps_alive = true;
  bool is_http_1_0 = false;
};

// Ends with the empty line. A field that could break out of its line is left out.
std::string make_head(const Response& response, const ResponseFrame& frame);

// Whether a response with this status may carry content at all.
bool may_have_content(int status);

// 1 to 64 characters of A-Z a-z 0-9 . _ - : safe in logs and headers.
bool is_request_id(std::string_view text);

}  // namespace seendr::http
