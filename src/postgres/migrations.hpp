// Brings the schema of a database up to the one this program was built with.
//
// The files of migrations/ are part of the binary. Each is applied once, in order of its number, in
// a transaction with its row in `schema_migrations`, which also keeps the SHA-256 of its text. An
// advisory lock lets any number of hosts try at once.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/error.hpp"

namespace seendr::postgres {

struct Migration {
  int version = 0;        // 1 in 0001_schema.sql; ascending in a list.
  std::string_view name;  // "0001_schema.sql"
  std::string_view sql;   // Any number of statements, none that begins or ends a transaction.
};

// Those of this program.
std::span<const Migration> embedded_migrations();

// Applies what is missing and returns the names of what was applied. Blocks: not for an event loop.
// Waits up to a minute for another host that migrates. Throws system_error with
// Errc::migration_changed, migration_failed, timed_out or unavailable and a sentence that names the
// migration; those before it stay applied.
std::vector<std::string> migrate(const std::string& url,
                                 std::span<const Migration> migrations = embedded_migrations());

enum class Schema {
  behind,   // Something is missing: run migrate().
  current,  // Exactly this program's.
  ahead,    // A newer program has migrated it.
};

// Blocks; throws system_error with Errc::migration_changed or unavailable.
Schema schema_state(const std::string& url,
                    std::span<const Migration> migrations = embedded_migrations());

}  // namespace seendr::postgres
