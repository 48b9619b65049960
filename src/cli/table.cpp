#include "cli/table.hpp"

#include <algorithm>
#include <cstdio>

namespace seendr::cli {

namespace {

std::string cell(const json::value* value) {
  if (!value || value->is_null()) return "-";
  std::string text =
      value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text.empty() ? "-" : text;
}

void print_line(const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::printf("%s%s", i > 0 ? "\t" : "", cells[i].c_str());
  }
  std::printf("\n");
}

}  // namespace

void print_rows(const json::array& rows, const std::vector<std::string>& columns, bool as_json) {
  if (as_json) {
    std::printf("%s\n", json::serialize(rows).c_str());
    return;
  }
  print_line(columns);
  for (const json::value& row : rows) {
    std::vector<std::string> cells;
    for (const std::string& column : columns) {
      cells.push_back(cell(row.as_object().if_contains(column)));
    }
    print_line(cells);
  }
}

void print_fields(const json::object& row, bool as_json) {
  if (as_json) {
    std::printf("%s\n", json::serialize(row).c_str());
    return;
  }
  for (const auto& field : row) print_line({std::string(field.key()), cell(&field.value())});
}

}  // namespace seendr::cli
