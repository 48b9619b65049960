#include "app/accounts/account_tokens.hpp"

#include <pqxx/pqxx>

#include "app/accounts/notifications.hpp"
#include "app/sql.hpp"
#include "codec/crypto.hpp"
#include "codec/text.hpp"

namespace seendr::app {

namespace {

std::string hash_of(const std::string& token) {
  return to_hex(bytes(sha256(token)));
}

// Stores the token for the row of `found`: id, email, languages as JSON.
std::optional<IssuedToken> store_token(pqxx::work& work, const pqxx::result& found,
                                       const char* purpose, const std::string& token,
                                       std::chrono::seconds life) {
  work.exec("delete from account_tokens where expires_at <= now()");  // Besides Retention.
  if (found.empty()) return std::nullopt;
  work.exec_params(
      "insert into account_tokens (hash, user_id, purpose, expires_at) "
      "values (decode($1, 'hex'), $2, $3, now() + make_interval(secs => $4)) "
      "on conflict (user_id, purpose) do update set hash = excluded.hash, "
      "created_at = excluded.created_at, expires_at = excluded.expires_at",
      hash_of(token), found[0][0].as<std::int64_t>(), purpose, life.count());
  return IssuedToken{token, found[0][1].as<std::string>(), texts(json_of(found[0][2]))};
}

// Of two that come at once the second waits for the first, and finds nothing.
std::optional<UserId> use_token(pqxx::work& work, const std::string& token, const char* purpose) {
  const pqxx::result used = work.exec_params(
      "delete from account_tokens where hash = decode($1, 'hex') and purpose = $2 "
      "and expires_at > now() returning user_id",
      hash_of(token), purpose);
  if (used.empty()) return std::nullopt;
  return UserId{used[0][0].as<std::int64_t>()};
}

// The notification counts if what it tells of does.
UsedToken told(pqxx::work& work, UserId user, std::string_view kind) {
  NewNotification notification;
  notification.user = user;
  notification.kind = kind;
  return UsedToken{user, add_notification(work, notification).value()};
}

}  // namespace

awaitable<std::optional<IssuedToken>> AccountTokens::issue_verify(UserId user) {
  using Outcome = std::optional<IssuedToken>;
  std::function<Outcome(pqxx::work&)> work = [user,
                                              token = random_secret(env_.random)](pqxx::work& w) {
    const pqxx::result found = w.exec_params(
        "select id, email, to_json(languages) from users "
        "where id = $1 and email is not null and email_verified_at is null",
        user.value);
    return store_token(w, found, "verify", token, kVerifyLife);
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::optional<IssuedToken>> AccountTokens::issue_reset(UserId user) {
  using Outcome = std::optional<IssuedToken>;
  std::function<Outcome(pqxx::work&)> work = [user,
                                              token = random_secret(env_.random)](pqxx::work& w) {
    const pqxx::result found = w.exec_params(
        "select id, email, to_json(languages) from users where id = $1 and email is not null",
        user.value);
    return store_token(w, found, "reset", token, kResetLife);
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::optional<UsedToken>> AccountTokens::verify_email(std::string token) {
  using Outcome = std::optional<UsedToken>;
  std::function<Outcome(pqxx::work&)> work = [token = std::move(token)](pqxx::work& w) -> Outcome {
    const std::optional<UserId> user = use_token(w, token, "verify");
    if (!user) return std::nullopt;
    w.exec_params(
        "update users set email_verified_at = coalesce(email_verified_at, now()) where id = $1",
        user->value);
    return told(w, *user, notice::kEmailVerified);
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::optional<UserId>> AccountTokens::reset_holder(std::string token) {
  using Outcome = std::optional<UserId>;
  std::function<Outcome(pqxx::work&)> work = [token = std::move(token)](pqxx::work& w) -> Outcome {
    const pqxx::result found = w.exec_params(
        "select user_id from account_tokens where hash = decode($1, 'hex') and purpose = 'reset' "
        "and expires_at > now()",
        hash_of(token));
    if (found.empty()) return std::nullopt;
    return UserId{found[0][0].as<std::int64_t>()};
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::optional<UsedToken>> AccountTokens::reset_password(std::string token,
                                                                  std::string password_hash) {
  using Outcome = std::optional<UsedToken>;
  std::function<Outcome(pqxx::work&)> work =
      [token = std::move(token), hash = std::move(password_hash)](pqxx::work& w) -> Outcome {
    const std::optional<UserId> user = use_token(w, token, "reset");
    if (!user) return std::nullopt;
    w.exec_params(
        "update users set password_hash = $2, "
        "email_verified_at = coalesce(email_verified_at, now()) where id = $1",
        user->value, hash);
    return told(w, *user, notice::kPasswordChanged);
  };
  co_return co_await database_.run(std::move(work));
}

}  // namespace seendr::app
