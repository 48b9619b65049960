#include "app/upkeep/retention.hpp"

#include <pqxx/pqxx>

#include "app/accounts/account_data.hpp"
#include "app/sql.hpp"

namespace seendr::app {

namespace {

constexpr int kBatchRows = 1000;
constexpr int kBatchGuests = 50;  // With all that is theirs, within statement_timeout.

const std::string kSilent = "guest and last_seen_at <= now() - make_interval(days => $1)";

std::vector<UserId> people_of(const pqxx::result& rows) {
  std::vector<UserId> people;
  for (const auto& row : rows) people.push_back(UserId{row[0].as<std::int64_t>()});
  return people;
}

}  // namespace

// One kind of row that goes when `since` is `days` ago. All are parts of SQL.
struct Retention::Rule {
  std::string table;
  std::string key;
  std::string since;  // Null: it does not go.
  std::optional<int> days;
};

std::vector<Retention::Rule> Retention::rules(const RetentionOptions& options) {
  const auto unless_for_ever = [](int days) {
    return days > 0 ? std::optional<int>(days) : std::nullopt;
  };
  return {{"account_tokens", "hash", "expires_at", 0},
          {"notifications", "id", "read_at", unless_for_ever(options.notifications_days)},
          {"reports", "id", "handled_at", unless_for_ever(options.reports_days)},
          {"bans", "id", "least(lifted_at, until)", unless_for_ever(options.bans_days)},
          {"match_history", "room_id", "made_at", unless_for_ever(options.history_days)}};
}

Retention::Retention(postgres::Database& database, auth::Sessions& sessions,
                     RetentionOptions options)
    : database_(database), sessions_(sessions), options_(options) {}

awaitable<std::vector<Removed>> Retention::remove_old() {
  std::vector<Removed> removed;
  for (const Rule& rule : rules(options_)) {
    const std::int64_t rows = co_await apply(rule);
    removed.push_back(Removed{rule.table, rows});
  }
  const std::int64_t guests = co_await remove_guests();
  removed.push_back(Removed{"guests", guests});
  co_return removed;
}

awaitable<std::int64_t> Retention::apply(Rule rule) {
  std::int64_t all = 0;
  if (!rule.days) co_return all;
  const std::string sql = "delete from " + rule.table + " where " + rule.key + " in (select " +
                          rule.key + " from " + rule.table + " where " + rule.since +
                          " <= now() - make_interval(days => $1) limit $2)";
  for (;;) {
    std::function<std::int64_t(pqxx::work&)> work = [sql, days = *rule.days](pqxx::work& w) {
      return static_cast<std::int64_t>(w.exec_params(sql, days, kBatchRows).affected_rows());
    };
    const std::int64_t rows = co_await database_.run(std::move(work));
    all += rows;
    if (rows < kBatchRows) co_return all;
  }
}

// Whom a session still leads back was here, whatever the database knows of it.
awaitable<std::int64_t> Retention::remove_guests() {
  std::int64_t all = 0;
  if (options_.guests_days <= 0) co_return all;
  for (;;) {
    const std::vector<UserId> silent = co_await silent_guests();
    std::vector<UserId> back;
    std::vector<UserId> gone;
    for (const UserId user : silent) {
      const std::vector<auth::ListedSession> sessions = co_await sessions_.list(user);
      (sessions.empty() ? gone : back).push_back(user);
    }
    co_await detach_matches(database_, gone);
    std::function<std::size_t(pqxx::work&)> work = [back = ids_of(back), gone = ids_of(gone),
                                                    days = options_.guests_days](pqxx::work& w) {
      w.exec_params(
          "update users set last_seen_at = now() "
          "where id = any(string_to_array($1, ',')::bigint[])",
          back);
      // Some may have come back, or have registered, since they were found.
      const std::vector<UserId> still = people_of(w.exec_params(
          "select id from users where " + kSilent +
              " and id = any(string_to_array($2, ',')::bigint[]) order by id for update",
          days, gone));
      return erase_people(w, still);
    };
    const std::size_t erased = co_await database_.run(std::move(work));
    all += static_cast<std::int64_t>(erased);
    if (silent.size() < kBatchGuests) co_return all;
  }
}

awaitable<std::vector<UserId>> Retention::silent_guests() {
  std::function<std::vector<UserId>(pqxx::work&)> work = [days =
                                                              options_.guests_days](pqxx::work& w) {
    return people_of(
        w.exec_params("select id from users where " + kSilent + " order by last_seen_at limit $2",
                      days, kBatchGuests));
  };
  co_return co_await database_.run(std::move(work));
}

}  // namespace seendr::app
