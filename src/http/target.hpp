// A request target taken apart and percent-decoded. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace seendr::http {

struct Target {
  std::string origin;                 // "/a%20b?x=1", without scheme and authority.
  std::string authority;              // "example.org:8080" of the absolute form, else empty.
  std::string path;                   // "/a b"
  std::vector<std::string> segments;  // {"a b"}; a trailing slash adds none.
  Pairs query;
};

// Origin form ("/x?y"), absolute form ("http://host/x") or "*". nullopt for anything else: bad
// percent-encoding, an empty segment, "." or ".." as a segment, decoded text that is not UTF-8 or
// holds NUL.
std::optional<Target> parse_target(std::string_view text);

// `plus_is_space`: as in queries of HTML forms. nullopt as above.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

}  // namespace seendr::http
