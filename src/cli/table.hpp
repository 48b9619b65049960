// What commands print: rows with tabs between, for people and scripts, or JSON.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace seendr::cli {

// A header and a line a row; or one JSON array, with all fields. Texts are plain, with
// control characters as blanks; what a row does not have is "-".
void print_rows(const json::array& rows, const std::vector<std::string>& columns, bool as_json);

// A line a field; or the object as JSON.
void print_fields(const json::object& row, bool as_json);

}  // namespace seendr::cli
