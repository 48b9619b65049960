#include "app/accounts/notifications.hpp"

#include <pqxx/pqxx>

#include "app/people/bus.hpp"
#include "app/sql.hpp"
#include "rooms/signalling.hpp"

namespace seendr::app {

namespace {

// As the page shows it; `n` is the row.
const std::string kShown =
    "'id', n.id::text, 'kind', n.kind, 'data', n.data, 'created_at', "
    "to_char(n.created_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";

std::int64_t count_unread(pqxx::work& work, UserId user) {
  const pqxx::result rows = work.exec_params(
      "select count(*) from notifications where user_id = $1 and read_at is null", user.value);
  return rows[0][0].as<std::int64_t>();
}

}  // namespace

std::optional<json::object> add_notification(pqxx::work& work, const NewNotification& added) {
  std::optional<std::string> key;
  if (!added.key.empty()) key = added.key;
  const pqxx::result rows = work.exec_params(
      "insert into notifications as n (user_id, kind, data, key) "
      "select id, $2, $3::jsonb, $4 from users where id = $1 "
      "on conflict (user_id, key) do nothing returning json_build_object(" +
          kShown + ")",
      added.user.value, added.kind, json::serialize(added.data), nullable(key));
  if (rows.empty()) return std::nullopt;
  work.exec_params(
      "delete from notifications where user_id = $1 and id <= (select id from notifications "
      "where user_id = $1 order by id desc offset $2 limit 1)",
      added.user.value, kNotificationsKept);
  return json_of(rows[0][0]).as_object();
}

awaitable<NotificationPage> Notifications::list(UserId user, std::optional<std::int64_t> before,
                                                int limit) {
  std::function<NotificationPage(pqxx::work&)> work = [=](pqxx::work& w) {
    // One more shows that there is a next page.
    const pqxx::result rows =
        w.exec_params("select n.id, json_build_object(" + kShown +
                          ", 'read', n.read_at is not null) from notifications n "
                          "where n.user_id = $1 and ($2::bigint is null or n.id < $2::bigint) "
                          "order by n.id desc limit $3",
                      user.value, before, limit + 1);
    NotificationPage page;
    for (const auto& row : rows) {
      if (static_cast<int>(page.items.size()) == limit) {
        page.next = rows[row.rownumber() - 1][0].as<std::int64_t>();
        break;
      }
      page.items.push_back(json_of(row[1]));
    }
    page.unread = count_unread(w, user);
    return page;
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::int64_t> Notifications::mark_read(UserId user, std::vector<std::int64_t> ids) {
  std::function<std::int64_t(pqxx::work&)> work = [user, ids = joined(ids)](pqxx::work& w) {
    w.exec_params(
        "update notifications set read_at = now() where user_id = $1 and read_at is null "
        "and id = any(string_to_array($2, ',')::bigint[])",
        user.value, ids);
    return count_unread(w, user);
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::int64_t> Notifications::mark_all_read(UserId user) {
  std::function<std::int64_t(pqxx::work&)> work = [user](pqxx::work& w) {
    w.exec_params("update notifications set read_at = now() where user_id = $1 and read_at is null",
                  user.value);
    return count_unread(w, user);
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<void> show_notification(channels::Layer& layer, UserId user, json::object notification) {
  const bus::Notice notice{user, json::serialize(notification)};
  channels::Message message = bus::to_message(notice);
  co_await layer.group_send(rooms::user_group(user), std::move(message));
}

}  // namespace seendr::app
