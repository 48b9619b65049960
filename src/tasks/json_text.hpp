// JSON as it is in messages and results: what kombu wrote is read, and what is written is UTF-8.
// Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace seendr::tasks {

// nullopt for what is not JSON in UTF-8, or nested deeper than that.
std::optional<json::value> read_json(std::string_view text, std::size_t max_depth = 64);

// In texts, U+FFFD stands for each byte that is not UTF-8: exceptions quote what others wrote. NaN
// and Infinity become null.
std::string write_json(const json::value& value);

// At least how many values and keys a JSON text has: what begins or separates them, outside
// strings.
std::size_t count_values(std::string_view text);

// The same for people: at most 1024 bytes, cut between characters.
std::string display(const json::value& value);

// What kombu 5.3 and later wrap in {"__type__", "__value__"} (dates, decimals, UUIDs, bytes) is
// plain text, as older ones sent it.
json::value untagged(json::value value);

}  // namespace seendr::tasks
