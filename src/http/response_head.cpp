#include "http/response_head.hpp"

#include <algorithm>

namespace seendr::http {

namespace {

bool is_one_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

void add(std::string& head, std::string_view name, std::string_view value) {
  if (!is_one_line(name) || !is_one_line(value)) return;
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

bool may_have_content(int status) {
  return status >= 200 && status != 204 && status != 304;
}

bool is_request_id(std::string_view text) {
  constexpr std::size_t kLimit = 64;
  return !text.empty() && text.size() <= kLimit &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  c == '.' || c == '_' || c == '-';
         });
}

std::string make_head(const Response& response, const ResponseFrame& frame) {
  std::string head;
  head.reserve(512);
  head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  head.append(reason_phrase(response.status)).append("\r\n");
  add(head, "Date", frame.date);
  for (const auto& [name, value] : response.headers) add(head, name, value);
  for (const auto& [name, value] : frame.defaults) {
    if (!response.headers.has(name)) add(head, name, value);
  }
  if (may_have_content(response.status)) {
    add(head, "Content-Length", std::to_string(response.content().size()));
  }
  add(head, "X-Request-Id", frame.request_id);
  if (!frame.keeps_alive) {
    add(head, "Connection", "close");
  } else if (frame.is_http_1_0) {
    add(head, "Connection", "keep-alive");
  }
  return head.append("\r\n");
}

}  // namespace seendr::http
