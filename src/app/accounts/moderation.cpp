#include "app/accounts/moderation.hpp"

#include <pqxx/pqxx>

#include "app/accounts/notifications.hpp"
#include "app/sql.hpp"

namespace seendr::app {

awaitable<std::optional<std::int64_t>> Moderation::block(UserId blocker, UserId blocked) {
  using Outcome = std::optional<std::int64_t>;
  std::function<Outcome(pqxx::work&)> work = [=](pqxx::work& w) -> Outcome {
    const pqxx::result rows = w.exec_params(
        "insert into blocks (blocker_id, blocked_id) select $1, id from users where id = $2 "
        "on conflict (blocker_id, blocked_id) do update set created_at = blocks.created_at "
        "returning id",
        blocker.value, blocked.value);
    if (rows.empty()) return std::nullopt;
    return rows[0][0].as<std::int64_t>();
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::optional<Unblocked>> Moderation::unblock(UserId blocker, std::int64_t id) {
  using Outcome = std::optional<Unblocked>;
  std::function<Outcome(pqxx::work&)> work = [=](pqxx::work& w) -> Outcome {
    const pqxx::result rows = w.exec_params(
        "delete from blocks where id = $1 and blocker_id = $2 returning blocked_id, "
        "exists (select 1 from blocks o where o.blocker_id = blocks.blocked_id "
        "and o.blocked_id = blocks.blocker_id)",
        id, blocker.value);
    if (rows.empty()) return std::nullopt;
    return Unblocked{blocker, UserId{rows[0][0].as<std::int64_t>()}, rows[0][1].as<bool>()};
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<void> Moderation::report(Report report) {
  std::function<bool(pqxx::work&)> work = [r = std::move(report)](pqxx::work& w) {
    w.exec_params(
        "insert into reports (reporter_id, reported_id, room_id, reason, note) "
        "values ($1, $2, $3, $4, $5)",
        r.reporter.value, r.reported.value, r.room.text(), r.reason, r.note);
    return true;
  };
  co_await database_.run(std::move(work));
}

awaitable<json::array> Moderation::reports(int limit, bool open_only) {
  std::function<json::array(pqxx::work&)> work = [limit, open_only](pqxx::work& w) {
    const pqxx::result rows = w.exec_params(
        "select coalesce(json_agg(x), '[]'::json) from (select r.id::text as id, "
        "to_char(r.created_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as created_at, "
        "r.reporter_id::text as reporter, r.reported_id::text as reported, r.room_id, r.reason, "
        "r.note, r.handled_at is not null as handled from reports r "
        "where not $2::boolean or r.handled_at is null order by r.created_at desc, r.id desc limit "
        "$1) x",
        limit, open_only);
    return json_of(rows[0][0]).as_array();
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::vector<HandledReport>> Moderation::handle(std::vector<std::int64_t> ids,
                                                         std::string by) {
  using Outcome = std::vector<HandledReport>;
  std::function<Outcome(pqxx::work&)> work = [ids = joined(ids), by](pqxx::work& w) {
    Outcome handled;
    const pqxx::result rows = w.exec_params(
        "update reports set handled_at = now(), handled_by = $2 where handled_at is null "
        "and id = any(string_to_array($1, ',')::bigint[]) returning id, reporter_id",
        ids, by);
    for (const auto& row : rows) {
      HandledReport report;
      report.id = row[0].as<std::int64_t>();
      if (!row[1].is_null()) {
        report.reporter = UserId{row[1].as<std::int64_t>()};
        NewNotification told{*report.reporter, std::string(notice::kReportHandled), {}, ""};
        told.data["report"] = std::to_string(report.id);
        report.notification = add_notification(w, told);
      }
      handled.push_back(std::move(report));
    }
    return handled;
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<bool> Moderation::ban(UserId user, int days, std::string reason) {
  std::function<bool(pqxx::work&)> work = [=](pqxx::work& w) {
    const pqxx::result rows = w.exec_params(
        "insert into bans (user_id, reason, until) select id, $2, "
        "case when $3 = 0 then null else now() + make_interval(days => $3) end "
        "from users where id = $1",
        user.value, reason, days);
    return rows.affected_rows() == 1;
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<bool> Moderation::unban(UserId user) {
  std::function<bool(pqxx::work&)> work = [user](pqxx::work& w) {
    const pqxx::result rows = w.exec_params(
        "update bans set lifted_at = now() where user_id = $1 and lifted_at is null "
        "and (until is null or until > now())",
        user.value);
    return rows.affected_rows() > 0;
  };
  co_return co_await database_.run(std::move(work));
}

}  // namespace seendr::app
