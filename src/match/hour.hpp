// The hour that a moment lies in, as the keys of the trending counts name it. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace seendr::match {

// `unix_ms` as "2026-01-31T09", UTC.
std::string hour_text(std::int64_t unix_ms);

}  // namespace seendr::match
