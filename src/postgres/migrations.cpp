#include "postgres/migrations.hpp"

#include <map>
#include <optional>

#include <openssl/evp.h>
#include <pqxx/pqxx>

#include "postgres/url.hpp"

namespace seendr::postgres {

namespace {

constexpr std::string_view kLock =
    "7310017";  // Of this program's own choosing; any constant would do.

// What the database says it has: version to name and checksum.
struct Applied {
  std::string name;
  std::string checksum;
};
using History = std::map<int, Applied>;

std::string checksum(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), digest, &length, EVP_sha256(), nullptr);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < length; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

// Runs `work` with a connection; turns a lost one into Errc::unavailable.
template <class F>
auto connected(const std::string& url, F work) {
  try {
    pqxx::connection connection(
        with_defaults(url, {{"connect_timeout", "5"}, {"client_encoding", "UTF8"}}));
    const pqxx::quiet_errorhandler quiet(connection);
    return work(connection);
  } catch (const pqxx::broken_connection& e) {
    fail(Errc::unavailable, trimmed(what(e)));
  } catch (const pqxx::in_doubt_error& e) {
    fail(Errc::in_doubt, trimmed(what(e)));
  }
}

History read_history(pqxx::transaction_base& tx) {
  History history;
  const pqxx::result rows = tx.exec("select version, name, checksum from schema_migrations");
  for (const auto& row : rows) {
    history[row[0].as<int>()] = Applied{row[1].as<std::string>(), row[2].as<std::string>()};
  }
  return history;
}

void check_unchanged(const History& history, std::span<const Migration> migrations) {
  for (const Migration& migration : migrations) {
    const auto found = history.find(migration.version);
    if (found == history.end() || found->second.checksum == checksum(migration.sql)) continue;
    fail(Errc::migration_changed, std::string(migration.name) +
                                      " is not the text that was applied as " + found->second.name +
                                      "; put the old text back and write a new migration instead");
  }
}

void apply(pqxx::connection& connection, const Migration& migration) {
  try {
    pqxx::work tx(connection);
    tx.exec(std::string(migration.sql));
    tx.exec_params("insert into schema_migrations (version, name, checksum) values ($1, $2, $3)",
                   migration.version, std::string(migration.name), checksum(migration.sql));
    tx.commit();
  } catch (const pqxx::sql_error& e) {
    fail(Errc::migration_failed, std::string(migration.name) + ": " + trimmed(what(e)));
  }
}

// Held until the connection is closed.
void lock(pqxx::connection& connection) {
  pqxx::nontransaction session(connection);
  session.exec("set client_min_messages = warning; set lock_timeout = '60s'");
  try {
    session.exec("select pg_advisory_lock(" + std::string(kLock) + ")");
  } catch (const pqxx::sql_error& e) {
    fail(Errc::timed_out, "another process has been migrating for a minute: " + trimmed(what(e)));
  }
  session.exec(
      "create table if not exists schema_migrations ("
      "version integer primary key, name text not null, checksum text not null, "
      "applied_at timestamptz not null default now())");
}

}  // namespace

std::vector<std::string> migrate(const std::string& url, std::span<const Migration> migrations) {
  return connected(url, [&](pqxx::connection& connection) {
    lock(connection);
    History history;
    {
      pqxx::nontransaction session(connection);
      history = read_history(session);
    }
    check_unchanged(history, migrations);

    std::vector<std::string> names;
    for (const Migration& migration : migrations) {
      if (history.contains(migration.version)) continue;
      apply(connection, migration);
      names.emplace_back(migration.name);
    }
    return names;
  });
}

Schema schema_state(const std::string& url, std::span<const Migration> migrations) {
  return connected(url, [&](pqxx::connection& connection) {
    pqxx::nontransaction session(connection);
    const pqxx::result table = session.exec("select to_regclass('schema_migrations') is not null");
    const History history = table[0][0].as<bool>() ? read_history(session) : History{};
    check_unchanged(history, migrations);

    std::size_t known = 0;
    for (const Migration& migration : migrations) known += history.count(migration.version);
    if (known < migrations.size()) return Schema::behind;
    return history.size() > known ? Schema::ahead : Schema::current;
  });
}

}  // namespace seendr::postgres
