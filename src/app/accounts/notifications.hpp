// What people are told of what happened while they were away, in PostgreSQL: the newest 200 of
// each.
//
// Every method is one transaction; it throws what postgres::Database throws when PostgreSQL is
// away.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "channels/layer.hpp"
#include "postgres/database.hpp"

namespace seendr::app {

// What is told of. Pages and mails of an older version meet names they do not know.
namespace notice {
inline constexpr std::string_view kEmailVerified = "email_verified";      // {}
inline constexpr std::string_view kPasswordChanged = "password_changed";  // {}
inline constexpr std::string_view kReportHandled = "report_handled";      // {"report": its id}
}  // namespace notice

inline constexpr int kNotificationsKept = 200;  // Of one person.
inline constexpr std::size_t kNotificationBytes = 8192;

struct NewNotification {
  UserId user;
  std::string kind;   // One of namespace notice: [a-z0-9_], at most 64.
  json::object data;  // At most kNotificationBytes as text; names nobody else.
  // Names what happened, 1 to 128 characters: the same again for the person is nothing new. Whoever
  // may do their work twice has one. Empty: always new.
  std::string key;
};

struct NotificationPage {
  json::array items;  // {"id", "kind", "data", "created_at", "read"}, the newest first.
  std::optional<std::int64_t> next;  // `before` of the page that follows; nullopt: there is none.
  std::int64_t unread = 0;           // Of all.
};

// Stores it in the transaction of what happened. {"id", "kind", "data", "created_at"} of what was
// stored; nullopt when there is no such person, or the key was seen.
std::optional<json::object> add_notification(pqxx::work& work, const NewNotification& added);

class Notifications {
 public:
  explicit Notifications(postgres::Database& database) : database_(database) {}

  // Those with a smaller id than `before`, at most `limit`.
  awaitable<NotificationPage> list(UserId user, std::optional<std::int64_t> before, int limit);

  // Each returns how many are unread now. Ids that are not the person's are passed over.
  awaitable<std::int64_t> mark_read(UserId user, std::vector<std::int64_t> ids);
  awaitable<std::int64_t> mark_all_read(UserId user);

 private:
  postgres::Database& database_;
};

// Shows what was stored on all pages of the person that are open now, on every process. Throws what
// Redis throws.
awaitable<void> show_notification(channels::Layer& layer, UserId user, json::object notification);

}  // namespace seendr::app
