// What can go wrong in the cache itself; Redis' and the loader's own errors pass through it.
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace seendr::cache {

enum class Errc {
  load_failed = 1,  // Another process failed to load this key a moment ago; ask again later.
  wait_timeout,     // Other processes hold the lease of this key for longer than wait_limit.
  overloaded,       // concurrent_loads keys are being loaded already.
  stopped,          // close() was called.
  wrong_type,       // The process itself keeps a value of another type under this key.
};

constexpr std::string_view describe(Errc e) {
  switch (e) {
    case Errc::load_failed:
      return "Loading this value failed a moment ago";
    case Errc::wait_timeout:
      return "Another process takes too long to load this value";
    case Errc::overloaded:
      return "Too many values are being loaded";
    case Errc::stopped:
      return "The cache was stopped";
    case Errc::wrong_type:
      return "A value of another type is kept under this key";
  }
  return "An unknown cache error";
}

using seendr::make_error_code;

}  // namespace seendr::cache

template <>
struct boost::system::is_error_code_enum<seendr::cache::Errc> : std::true_type {};
