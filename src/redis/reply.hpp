// What Redis answers (RESP2), with typed access.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace seendr::redis {

// A value; cheap to move. Access to another kind than it holds throws Errc::bad_reply.
class Reply {
 public:
  enum class Kind : std::uint8_t { nil, integer, string, status, array, error };

  Reply() = default;  // nil
  static Reply integer(std::int64_t value);
  static Reply string(std::string value);
  static Reply status(std::string value);
  static Reply error(std::string text);
  static Reply array(std::vector<Reply> elements);

  Kind kind() const { return kind_; }
  bool is_nil() const { return kind_ == Kind::nil; }
  bool is_error() const { return kind_ == Kind::error; }
  bool is_array() const { return kind_ == Kind::array; }

  // A string or a status ("OK"); nullptr when nil.
  const std::string* as_string() const;

  // A string or a status, or an integer in decimal. Throws bad_reply when nil.
  std::string text() const;

  // An integer, or a string that holds one in decimal.
  std::int64_t as_int() const;

  // The elements; none when nil (what a blocking command says when nothing came).
  const std::vector<Reply>& as_array() const;
  std::vector<Reply>& as_array();

  // The text of an error reply, e.g. "WRONGTYPE Operation against ..."; empty otherwise.
  const std::string& error_text() const;

 private:
  friend class ReplyParser;

  Kind kind_ = Kind::nil;
  std::variant<std::int64_t, std::string, std::vector<Reply>> value_ = std::int64_t{0};
};

}  // namespace seendr::redis
