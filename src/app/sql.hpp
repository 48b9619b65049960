// Between SQL and C++: lists as text, JSON columns, optional parameters.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <pqxx/pqxx>

#include "base/ids.hpp"
#include "base/json.hpp"

namespace seendr::app {

// Parts of queries in which `u` is the row of users.
inline const std::string kBannedSql =
    "exists (select 1 from bans b where b.user_id = u.id and b.lifted_at is null "
    "and (b.until is null or b.until > now()))";
// Whether strangers may see the person: who opted in, but for guests and banned people.
inline const std::string kPublicSql = "u.public_profile and not u.guest and not " + kBannedSql;
// Where the person's picture is, or null.
inline const std::string kAvatarSql =
    "(select '/api/v1/users/' || a.user_id || '/avatar?v=' || left(a.version, 8) "
    "from avatars a where a.user_id = u.id)";

template <class T>
std::string joined(const std::vector<T>& items) {
  std::string text;
  for (const T& item : items) {
    if (!text.empty()) text += ',';
    if constexpr (std::is_arithmetic_v<T>) {
      text += std::to_string(item);
    } else {
      text += item;
    }
  }
  return text;
}

inline std::string ids_of(const std::vector<UserId>& people) {
  std::vector<std::int64_t> ids;
  for (const UserId user : people) ids.push_back(user.value);
  return joined(ids);
}

inline json::value json_of(const pqxx::field& field) {
  return json::parse(field.c_str());
}

inline std::vector<std::string> texts(const json::value& value) {
  std::vector<std::string> out;
  for (const json::value& item : value.as_array()) out.emplace_back(item.as_string());
  return out;
}

// A parameter that may be null; the optional must outlive the call.
inline const char* nullable(const std::optional<std::string>& text) {
  return text ? text->c_str() : nullptr;
}
inline const char* nullable(const std::optional<bool>& flag) {
  if (!flag) return nullptr;
  return *flag ? "true" : "false";
}

}  // namespace seendr::app
