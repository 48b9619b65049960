#include "app/accounts/account_data.hpp"

#include <algorithm>

#include <pqxx/pqxx>

#include "app/accounts/users.hpp"
#include "app/sql.hpp"

namespace seendr::app {

namespace {

constexpr int kMatchesAtOnce = 1000;  // Of a statement, which has its time limit.

std::string utc(const std::string& column) {
  return "to_char(" + column + " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
}

std::string rows_of(const std::string& columns, const std::string& from) {
  return "coalesce((select json_agg(x) from (select " + columns + " from " + from +
         ") x), '[]'::json)";
}

std::string gather_sql() {
  const std::string account =
      "json_build_object('id', u.id::text, 'guest', u.guest, 'email', u.email, "
      "'email_verified_at', " +
      utc("u.email_verified_at") +
      ", 'display_name', u.display_name, 'languages', u.languages, 'region', u.region, "
      "'adult', u.adult, 'public_profile', u.public_profile, 'hide_address', u.hide_address, "
      "'mail_digest', u.mail_digest, 'created_at', " +
      utc("u.created_at") + ", 'last_seen_at', " + utc("u.last_seen_at") + ")";
  const std::string interests =
      "coalesce((select json_agg(i.slug order by ui.position) from user_interests ui "
      "join interests i on i.id = ui.interest_id where ui.user_id = u.id), '[]'::json)";
  const std::string blocks = rows_of("b.id::text as id, " + utc("b.created_at") + " as created_at",
                                     "blocks b where b.blocker_id = u.id order by b.id");
  const std::string written =
      rows_of("r.id::text as id, r.room_id, r.reason, r.note, " + utc("r.created_at") +
                  " as created_at, r.handled_at is not null as handled",
              "reports r where r.reporter_id = u.id order by r.id");
  const std::string about = rows_of(
      "r.reason, " + utc("r.created_at") + " as created_at, r.handled_at is not null as handled",
      "reports r where r.reported_id = u.id order by r.id");
  const std::string bans =
      rows_of("b.reason, " + utc("b.created_at") + " as created_at, " + utc("b.until") +
                  " as until, " + utc("b.lifted_at") + " as lifted_at",
              "bans b where b.user_id = u.id order by b.id");
  const std::string mailed = rows_of("t.purpose, " + utc("t.created_at") + " as created_at, " +
                                         utc("t.expires_at") + " as expires_at",
                                     "account_tokens t where t.user_id = u.id order by t.purpose");
  const std::string avatar = "(select json_build_object('path', " + kAvatarSql +
                             ", 'updated_at', " + utc("a.updated_at") +
                             ") from avatars a where a.user_id = u.id)";
  const std::string notifications =
      rows_of("n.kind, n.data, " + utc("n.created_at") + " as created_at, " + utc("n.read_at") +
                  " as read_at",
              "notifications n where n.user_id = u.id order by n.id");
  const std::string matches =
      rows_of(utc("m.made_at") + " as made_at, " + utc("m.ended_at") +
                  " as ended_at, m.end_reason, m.shared",
              "match_history m where m.user_a = u.id or m.user_b = u.id order by m.made_at");
  return "select json_build_object('account', " + account + ", 'avatar', " + avatar +
         ", 'interests', " + interests + ", 'blocks', " + blocks + ", 'reports_written', " +
         written + ", 'reports_about_me', " + about + ", 'bans', " + bans + ", 'mailed', " +
         mailed + ", 'notifications', " + notifications + ", 'matches', " + matches +
         ") from users u where u.id = $1";
}

const std::string kAmong = "= any(string_to_array($1, ',')::bigint[])";

// Who comes from a site is back under the same id with the next page they open: a ban, a block and
// a report must not end by that.
std::vector<UserId> held_by_others(pqxx::work& work, const std::vector<UserId>& people) {
  const pqxx::result rows = work.exec_params(
      "select u.id from users u where u.id " + kAmong +
          " and u.id < $2 and (exists (select 1 from bans b where b.user_id = u.id) "
          "or exists (select 1 from blocks b where b.blocked_id = u.id) "
          "or exists (select 1 from reports r where r.reported_id = u.id)) for update",
      ids_of(people), kFirstOwnId);
  std::vector<UserId> held;
  for (const auto& row : rows) held.push_back(UserId{row[0].as<std::int64_t>()});
  return held;
}

// Leaves an id and what others hold against it.
void empty_rows(pqxx::work& work, const std::string& ids) {
  for (const char* table : {"avatars", "notifications", "account_tokens", "user_interests"}) {
    work.exec_params("delete from " + std::string(table) + " where user_id " + kAmong, ids);
  }
  work.exec_params("delete from blocks where blocker_id " + kAmong, ids);
  work.exec_params("update reports set reporter_id = null where reporter_id " + kAmong, ids);
  work.exec_params("update match_history set user_a = null where user_a " + kAmong, ids);
  work.exec_params("update match_history set user_b = null where user_b " + kAmong, ids);
  work.exec_params(
      "update users set email = null, email_verified_at = null, password_hash = null, "
      "mail_digest = false, display_name = 'Guest ' || id, languages = default, region = default, "
      "adult = false, public_profile = false, hide_address = false, site_mark = null, "
      "created_at = default, last_seen_at = default where id " +
          kAmong,
      ids);
  work.exec_params(
      "insert into gone_people (user_id) select unnest(string_to_array($1, ',')::bigint[]) "
      "on conflict do nothing",
      ids);
}

}  // namespace

awaitable<std::optional<std::string>> AccountData::password_hash(UserId user) {
  using Outcome = std::optional<std::string>;
  std::function<Outcome(pqxx::work&)> work = [user](pqxx::work& w) -> Outcome {
    const pqxx::result rows =
        w.exec_params("select coalesce(password_hash, '') from users where id = $1", user.value);
    if (rows.empty()) return std::nullopt;
    return rows[0][0].as<std::string>();
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::optional<json::object>> AccountData::gather(UserId user) {
  using Outcome = std::optional<json::object>;
  std::function<Outcome(pqxx::work&)> work = [user](pqxx::work& w) -> Outcome {
    const pqxx::result rows = w.exec_params(gather_sql(), user.value);
    if (rows.empty()) return std::nullopt;
    return json_of(rows[0][0]).as_object();
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<void> detach_matches(postgres::Database& database, std::vector<UserId> people) {
  std::function<bool(pqxx::work&)> work = [ids = ids_of(people)](pqxx::work& w) {
    bool more = false;
    for (const std::string column : {"user_a", "user_b"}) {
      const pqxx::result changed =
          w.exec_params("update match_history set " + column +
                            " = null where room_id in (select room_id from match_history where " +
                            column + " " + kAmong + " limit $2)",
                        ids, kMatchesAtOnce);
      more = more || changed.affected_rows() == kMatchesAtOnce;
    }
    return more;
  };
  bool more = true;
  while (more) {
    more = co_await database.run(work);
  }
}

std::size_t erase_people(pqxx::work& work, const std::vector<UserId>& people) {
  const std::vector<UserId> kept = held_by_others(work, people);
  std::vector<UserId> others = people;
  std::erase_if(others, [&kept](UserId user) {
    return std::find(kept.begin(), kept.end(), user) != kept.end();
  });
  if (!kept.empty()) empty_rows(work, ids_of(kept));
  const std::string ids = ids_of(others);
  work.exec_params("update reports set note = '', room_id = null where reported_id " + kAmong, ids);
  // Whatever belongs to a person goes with the row, by the foreign keys.
  const pqxx::result erased = work.exec_params(
      "with erased as (delete from users where id " + kAmong +
          " returning id), noted as (insert into gone_people (user_id) select id from erased "
          "on conflict do nothing) select count(*) from erased",
      ids);
  return kept.size() + erased[0][0].as<std::size_t>();
}

awaitable<bool> AccountData::erase(UserId user) {
  std::vector<UserId> people{user};
  co_await detach_matches(database_, people);
  std::function<bool(pqxx::work&)> work = [user](pqxx::work& w) {
    return erase_people(w, {user}) == 1;
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::vector<UserId>> AccountData::gone(int limit) {
  std::function<std::vector<UserId>(pqxx::work&)> work = [limit](pqxx::work& w) {
    std::vector<UserId> people;
    for (const auto& row :
         w.exec_params("select user_id from gone_people order by gone_at limit $1", limit)) {
      people.push_back(UserId{row[0].as<std::int64_t>()});
    }
    return people;
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<void> AccountData::forgotten(UserId user) {
  std::function<void(pqxx::work&)> work = [user](pqxx::work& w) {
    w.exec_params("delete from gone_people where user_id = $1", user.value);
  };
  co_await database_.run(std::move(work));
}

}  // namespace seendr::app
