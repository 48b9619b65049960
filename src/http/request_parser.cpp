#include "http/request_parser.hpp"

#include <limits>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http/ascii.hpp"

namespace seendr::http {

namespace beast = boost::beast::http;

namespace {

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

// The request line is longer than `limit`: then it is the target that is too long.
bool line_is_longer(std::string_view bytes, std::size_t limit) {
  return bytes.size() > limit && bytes.substr(0, limit).find('\n') == std::string_view::npos;
}

}  // namespace

struct RequestParser::State {
  beast::request_parser<beast::string_body> parser;
  error_code error;
  bool has_line = false;  // The request line was taken: what follows is no target.
};

RequestParser::RequestParser(std::size_t header_limit_bytes, std::size_t target_limit_bytes)
    : state_(std::make_unique<State>()),
      header_limit_bytes_(header_limit_bytes),
      target_limit_bytes_(target_limit_bytes) {
  state_->parser.header_limit(static_cast<std::uint32_t>(header_limit_bytes));
  state_->parser.body_limit(boost::none);
  state_->parser.eager(false);
}

RequestParser::~RequestParser() = default;

bool RequestParser::is_done() const {
  return state_->parser.is_done();
}

std::size_t RequestParser::put(std::string_view bytes) {
  if (bytes.empty()) return 0;
  auto& parser = state_->parser;
  error_code error;
  const std::size_t taken = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error == beast::error::need_more) {
    // Chunk headers and trailers have no limit of their own.
    if (has_head() && taken == 0 && bytes.size() > header_limit_bytes_) {
      refuse(400, "bad_request", "The chunked body is malformed.");
    } else if (!has_head() && !state_->has_line && taken == 0 &&
               line_is_longer(bytes, target_limit_bytes_ + 32)) {
      refuse(414, "too_large", "The request target is too long.");
    }
    if (taken > 0) state_->has_line = true;
    return taken;
  }
  if (error) {
    state_->error = error;
    refuse_syntax(bytes);
    return taken;
  }
  if (!has_head() && parser.is_header_done()) read_head();
  if (has_head() && parser.get().body().size() > body_limit_bytes_) {
    refuse(413, "too_large", "The body is too long.");
  }
  return taken;
}

void RequestParser::refuse_syntax(std::string_view bytes) {
  if (state_->error == beast::error::header_limit && !has_head()) {
    if (!state_->has_line && line_is_longer(bytes, target_limit_bytes_)) {
      return refuse(414, "too_large", "The request target is too long.");
    }
    return refuse(431, "too_large", "The request headers are too long.");
  }
  if (state_->error == beast::error::body_limit) {
    return refuse(413, "too_large", "The body is too long.");
  }
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  if (state_->error == beast::error::bad_version && line.ends_with('\r')) {
    return refuse(505, "bad_request", "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
  }
  refuse(400, "bad_request", "The request is not well-formed HTTP.");
}

void RequestParser::read_head() {
  const auto& message = state_->parser.get();
  RequestHead head;
  head.method = view(message.method_string());
  head.is_http_1_1 = message.version() == 11;
  head.keeps_alive = message.keep_alive();
  for (const auto& field : message) {
    head.headers.add(std::string(view(field.name_string())), std::string(view(field.value())));
  }

  const std::string_view target = view(message.target());
  if (target.size() > target_limit_bytes_) {
    return refuse(414, "too_large", "The request target is too long.");
  }
  if (head.method == "CONNECT") {
    return refuse(501, "not_implemented", "This method is not implemented.");
  }
  std::optional<Target> parsed = parse_target(target);
  if (!parsed) return refuse(400, "bad_request", "The request target is malformed.");
  head.target = std::move(*parsed);

  // Two Host headers, or none, let a proxy and us disagree about who is asked (RFC 9112 3.2).
  const std::size_t hosts = head.headers.count("Host");
  if (hosts > 1 || (hosts == 0 && head.is_http_1_1)) {
    return refuse(400, "bad_request", "The request needs exactly one Host header.");
  }
  head.host =
      head.target.authority.empty() ? std::string(head.headers.get("Host")) : head.target.authority;

  // Whatever could end the body at two places is refused (RFC 9112 6.3).
  const std::size_t codings = head.headers.count("Transfer-Encoding");
  const std::size_t lengths = head.headers.count("Content-Length");
  if (codings > 0 && (lengths > 0 || !head.is_http_1_1)) {
    return refuse(400, "bad_request", "The length of the body is ambiguous.");
  }
  if (codings > 1 ||
      (codings == 1 && !same_word(head.headers.get("Transfer-Encoding"), "chunked"))) {
    return refuse(501, "not_implemented", "The only transfer coding understood is chunked.");
  }
  // Beast takes "4, 4" for 4, as it may; a proxy before us may not.
  const bool is_number =
      head.headers.get("Content-Length").find_first_not_of("0123456789") == std::string_view::npos;
  if (lengths > 1 || !is_number) {
    return refuse(400, "bad_request", "The Content-Length is not one number.");
  }

  if (lengths == 1) head.content_length = state_->parser.content_length().value_or(0);
  head.has_body = codings > 0 || head.content_length.value_or(0) > 0;
  const std::string_view expect = head.headers.get("Expect");
  head.expects_continue = head.is_http_1_1 && same_word(expect, "100-continue");
  if (!expect.empty() && !head.expects_continue && head.is_http_1_1) {
    return refuse(417, "bad_request", "The expectation cannot be met.");
  }
  head.wants_upgrade = head.is_http_1_1 && list_has(head.headers.get("Connection"), "upgrade") &&
                       list_has(head.headers.get("Upgrade"), "websocket");
  head_ = std::move(head);
}

bool RequestParser::limit_body(std::size_t bytes) {
  body_limit_bytes_ = bytes;
  state_->parser.body_limit(bytes);
  return head_->content_length.value_or(0) <= bytes;
}

std::string RequestParser::take_body() {
  return std::move(state_->parser.get().body());
}

void RequestParser::refuse(int status, std::string code, std::string message) {
  problem_ = Problem{status, std::move(code), std::move(message), {}};
}

}  // namespace seendr::http
