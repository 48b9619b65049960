// Turns the bytes of a connection into one request, and refuses what could be read in two ways.
// Pure. Internal to this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "http/target.hpp"

namespace seendr::http {

struct RequestHead {
  std::string method;
  Target target;
  Headers headers;
  std::string host;
  bool is_http_1_1 = true;
  bool keeps_alive = false;
  bool wants_upgrade = false;  // To a WebSocket.
  bool expects_continue = false;
  bool has_body = false;
  std::optional<std::uint64_t> content_length;  // Absent for chunked bodies.
};

class RequestParser {
 public:
  RequestParser(std::size_t header_limit_bytes, std::size_t target_limit_bytes);
  ~RequestParser();

  // Parses a step: up to the end of the headers, or a piece of the body. Returns how many bytes it
  // took; it needs more input when nothing else has changed. `bytes`: all that were not taken yet.
  std::size_t put(std::string_view bytes);

  bool has_head() const { return head_.has_value(); }
  bool is_done() const;
  const std::optional<Problem>& problem() const { return problem_; }  // Then close after it.

  // Requires: has_head().
  const RequestHead& head() const { return *head_; }
  RequestHead take_head() { return std::move(*head_); }

  // Must be called between head and body. False: the body is announced to be longer.
  bool limit_body(std::size_t bytes);
  std::string take_body();

 private:
  struct State;
  void read_head();
  void refuse(int status, std::string code, std::string message);
  void refuse_syntax(std::string_view bytes);

  std::unique_ptr<State> state_;
  std::optional<RequestHead> head_;
  std::optional<Problem> problem_;
  std::size_t header_limit_bytes_;
  std::size_t target_limit_bytes_;
  std::size_t body_limit_bytes_ = 0;
};

}  // namespace seendr::http
