#include "redis/reply.hpp"

#include <utility>

#include "base/number.hpp"
#include "redis/error.hpp"

namespace seendr::redis {

namespace {

std::string_view name_of(Reply::Kind kind) {
  switch (kind) {
    case Reply::Kind::nil:
      return "nil";
    case Reply::Kind::integer:
      return "an integer";
    case Reply::Kind::string:
      return "a string";
    case Reply::Kind::status:
      return "a status";
    case Reply::Kind::array:
      return "an array";
    case Reply::Kind::error:
      return "an error";
  }
  return "nothing";
}

[[noreturn]] void refuse(std::string_view wanted, const Reply& reply) {
  std::string text = "wanted ";
  text += wanted;
  text += ", got ";
  text += name_of(reply.kind());
  if (reply.is_error()) text += ": " + reply.error_text();
  throw system_error(make_error_code(Errc::bad_reply), text);
}

}  // namespace

Reply Reply::integer(std::int64_t value) {
  Reply reply;
  reply.kind_ = Kind::integer;
  reply.value_ = value;
  return reply;
}

Reply Reply::string(std::string value) {
  Reply reply;
  reply.kind_ = Kind::string;
  reply.value_ = std::move(value);
  return reply;
}

Reply Reply::status(std::string value) {
  Reply reply = string(std::move(value));
  reply.kind_ = Kind::status;
  return reply;
}

Reply Reply::error(std::string text) {
  Reply reply = string(std::move(text));
  reply.kind_ = Kind::error;
  return reply;
}

Reply Reply::array(std::vector<Reply> elements) {
  Reply reply;
  reply.kind_ = Kind::array;
  reply.value_ = std::move(elements);
  return reply;
}

const std::string* Reply::as_string() const {
  if (kind_ == Kind::string || kind_ == Kind::status) return std::get_if<std::string>(&value_);
  if (kind_ == Kind::nil) return nullptr;
  refuse("a string", *this);
}

std::string Reply::text() const {
  if (kind_ == Kind::integer) return std::to_string(std::get<std::int64_t>(value_));
  const std::string* text = as_string();
  if (!text) refuse("a string", *this);
  return *text;
}

std::int64_t Reply::as_int() const {
  if (kind_ == Kind::integer) return std::get<std::int64_t>(value_);
  if (kind_ != Kind::string) refuse("an integer", *this);
  const std::string& text = std::get<std::string>(value_);
  const std::optional<std::int64_t> value = parse_number<std::int64_t>(text);
  if (!value) refuse("an integer", *this);
  return *value;
}

const std::vector<Reply>& Reply::as_array() const {
  static const std::vector<Reply> none;
  if (kind_ == Kind::nil) return none;
  if (kind_ != Kind::array) refuse("an array", *this);
  return std::get<std::vector<Reply>>(value_);
}

std::vector<Reply>& Reply::as_array() {
  if (kind_ == Kind::nil) *this = array({});
  if (kind_ != Kind::array) refuse("an array", *this);
  return std::get<std::vector<Reply>>(value_);
}

const std::string& Reply::error_text() const {
  static const std::string none;
  return kind_ == Kind::error ? std::get<std::string>(value_) : none;
}

}  // namespace seendr::redis
