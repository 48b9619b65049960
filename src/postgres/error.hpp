// What can go wrong with the database, beyond what PostgreSQL says about a statement.
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace seendr::postgres {

enum class Errc {
  overloaded = 1,     // Too many calls wait already.
  timed_out,          // Waited too long for a connection, or a statement ran too long.
  unavailable,        // No connection, or it was lost; nothing was stored.
  in_doubt,           // The connection was lost during the commit.
  migration_changed,  // A migration that was applied before has another text now.
  migration_failed,   // PostgreSQL refused a migration; nothing of it is left.
  server_failed,      // The managed server could not be set up or started.
};

constexpr std::string_view describe(Errc e) {
  switch (e) {
    case Errc::overloaded:
      return "too many calls wait for the database";
    case Errc::timed_out:
      return "the database took too long";
    case Errc::unavailable:
      return "the database cannot be reached";
    case Errc::in_doubt:
      return "the database was lost while it stored a change, which may be stored or not";
    case Errc::migration_changed:
      return "a migration was changed after it had been applied";
    case Errc::migration_failed:
      return "a migration failed and was undone";
    case Errc::server_failed:
      return "the managed PostgreSQL did not start";
  }
  return "unknown database error";
}

using seendr::make_error_code;

}  // namespace seendr::postgres

template <>
struct boost::system::is_error_code_enum<seendr::postgres::Errc> : std::true_type {};

namespace seendr::postgres {

[[noreturn]] inline void fail(Errc error, const std::string& context) {
  throw system_error(make_error_code(error), context);
}

}  // namespace seendr::postgres
