#include "app/notifications.hpp"

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

awaitable<std::optional<json::object>> Notifications::add(NewNotification notification) {
  using Outcome = std::optional<json::object>;
  std::optional<std::string> key;
  if (!notification.key.empty()) key = notification.key;
  std::function<Outcome(pqxx::work&)> work = [n = std::move(notification),
                                              key](pqxx::work& w) -> Outcome {
    const pqxx::result rows = w.exec_params(
        "insert into notifications as n (user_id, kind, data, key) "
        "select id, $2, $3::jsonb, $4 from users where id = $1 "
        "on conflict (user_id, key) do nothing returning json_build_object(" +
            kShown + ")",
        n.user.value, n.kind, json::serialize(n.data), nullable(key));
    if (rows.empty()) return std::nullopt;
    w.exec_params(
        "delete from notifications where user_id = $1 and id <= (select id from notifications "
        "where user_id = $1 order by id desc offset $2 limit 1)",
        n.user.value, kNotificationsKept);
    return json_of(rows[0][0]).as_object();
  };
  co_return co_await database_.run(std::move(work));
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

awaitable<bool> notify(Notifications& store, channels::Layer& layer, NewNotification notification) {
  const UserId user = notification.user;
  const std::optional<json::object> stored = co_await store.add(std::move(notification));
  if (!stored) co_return false;
  const bus::Notice notice{user, json::serialize(*stored)};
  channels::Message message = bus::to_message(notice);
  co_await layer.group_send(rooms::user_group(user), std::move(message));
  co_return true;
}

}  // namespace seendr::app
