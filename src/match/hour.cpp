#include "match/hour.hpp"

#include <array>
#include <ctime>

namespace seendr::match {

std::string hour_text(std::int64_t unix_ms) {
  const std::time_t seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H", &parts);
  return std::string(text.data(), size);
}

}  // namespace seendr::match
