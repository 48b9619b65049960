// Files of time zones, made for a test.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace seendr::test {

// As RFC 8536 describes them: changes at `times`, to `offsets`; the first type
// is `before`.
class ZoneFile {
 public:
  ZoneFile(std::int32_t before, const std::vector<std::pair<std::int64_t, std::int32_t>>& changes,
           const std::string& footer) {
    header(0, 1);
    type(before);
    bytes_ += '\0';
    header(changes.size(), 1 + changes.size());
    for (const auto& [time, offset] : changes) number(static_cast<std::uint64_t>(time), 8);
    for (std::size_t i = 0; i < changes.size(); ++i) bytes_ += static_cast<char>(i + 1);
    type(before);
    for (const auto& [time, offset] : changes) type(offset);
    bytes_ += '\0';  // Names: one letter.
    bytes_ += "\n" + footer + "\n";
  }

  const std::string& bytes() const { return bytes_; }

 private:
  void header(std::size_t changes, std::size_t types) {
    bytes_ += "TZif2" + std::string(15, '\0');
    for (const std::size_t count :
         {std::size_t{0}, std::size_t{0}, std::size_t{0}, changes, types, std::size_t{1}}) {
      number(count, 4);
    }
  }
  void type(std::int32_t offset) {
    number(static_cast<std::uint32_t>(offset), 4);
    bytes_ += std::string(2, '\0');
  }
  void number(std::uint64_t value, int size) {
    for (int i = size - 1; i >= 0; --i) bytes_ += static_cast<char>(value >> (8 * i));
  }

  std::string bytes_;
};

}  // namespace seendr::test
