// What can go wrong in the pool besides Redis itself.
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace seendr::match {

enum class Errc {
  stale_epoch = 1,  // Redis was restarted or failed over meanwhile; nothing was changed.
  bad_reply,        // A script answered something unexpected.
  overloaded,       // Too many requests wait for the pool.
};

constexpr std::string_view describe(Errc e) {
  switch (e) {
    case Errc::stale_epoch:
      return "The pool has changed hands meanwhile";
    case Errc::bad_reply:
      return "The pool answered something unexpected";
    case Errc::overloaded:
      return "Too many requests wait for the pool";
  }
  return "An unknown error of the pool";
}

using seendr::make_error_code;

}  // namespace seendr::match

template <>
struct boost::system::is_error_code_enum<seendr::match::Errc> : std::true_type {};
