// Typed reading of a JSON object from outside: the first problem is kept, with the path to it.
//
//   json::Reader body(object);
//   const std::string email = body.text("email", {.max = 254});
//   const auto languages = body.texts("languages", {.optional = true, .max = 8});
//   if (!body.ok()) return bad_request(body.problem());   // "languages[2]: must be a string"
//
// After a problem every getter returns an empty value, so a caller checks once, at the end.
// Unknown fields are ignored. No text has U+0000: what takes C strings would read less than we did.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

namespace seendr::json {

using namespace boost::json;

struct TextRule {
  bool optional = false;  // Absent or null gives an empty string.
  std::size_t min = 0;    // Unicode code points.
  std::size_t max = 256;
};

struct ListRule {
  bool optional = false;      // Absent or null gives an empty list.
  std::size_t max = 10;       // Items.
  std::size_t max_item = 64;  // Code points of one item.
};

struct IntegerRule {
  bool optional = false;  // Absent or null gives `fallback`.
  std::int64_t fallback = 0;
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

class Reader {
 public:
  // `object` must outlive the reader. `path` names it in problems; empty for the whole document.
  explicit Reader(const object& object, std::string path = "");

  std::string text(std::string_view key, TextRule rule = {});
  std::string one_of(std::string_view key, const std::vector<std::string_view>& values,
                     std::string_view fallback);
  bool boolean(std::string_view key, bool fallback);
  std::int64_t integer(std::string_view key, IntegerRule rule = {});
  std::vector<std::string> texts(std::string_view key, ListRule rule = {});
  bool has(std::string_view key) const;  // Present and not null.

  // Tells a problem that only the caller can see, e.g. "unknown interest \"x\"".
  void reject(std::string_view key, std::string_view why);

  bool ok() const { return problem_.empty(); }
  const std::string& problem() const { return problem_; }

 private:
  const value* find(std::string_view key, bool optional);

  const object& object_;
  std::string path_;
  std::string problem_;
};

// Parses one document that must be an object. At most 32 levels deep; valid UTF-8 only.
// Returns nullopt for anything else.
std::optional<object> parse_object(std::string_view text);

// Number of code points of valid UTF-8.
std::size_t length(std::string_view text);

}  // namespace seendr::json
