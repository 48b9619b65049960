// The links that are mailed to people: each is good once and for a while, in PostgreSQL.
//
// A token is 256 random bits in base64url; only its SHA-256 is stored. Every method is one
// transaction; it throws what postgres::Database throws when PostgreSQL is away.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/env.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "postgres/database.hpp"

namespace seendr::app {

// As the mails say (mail/mail_text.cpp).
inline constexpr std::chrono::seconds kVerifyLife{std::chrono::hours(24)};
inline constexpr std::chrono::seconds kResetLife{std::chrono::hours(1)};

// A token to be mailed, and what the mail needs.
struct IssuedToken {
  std::string token;
  std::string email;
  std::vector<std::string> languages;  // The person's, best first.
};

// What was done with a token.
struct UsedToken {
  UserId user;
  json::object notification;  // As add_notification() returned it, in the same transaction.
};

class AccountTokens {
 public:
  AccountTokens(const Env& env, postgres::Database& database) : env_(env), database_(database) {}

  // Each replaces the person's earlier one of its kind. nullopt when there is no such person, no
  // address, or, to verify, one that was verified.
  awaitable<std::optional<IssuedToken>> issue_verify(UserId user);

  awaitable<std::optional<IssuedToken>> issue_reset(UserId user);

  // Uses the token up, and tells the person. Whose address is verified now; nullopt when the token
  // is unknown, used or too old.
  awaitable<std::optional<UsedToken>> verify_email(std::string token);

  // Whose token it is, if it could be used now; does not use it.
  awaitable<std::optional<UserId>> reset_holder(std::string token);

  // Uses the token up, and tells the person, that is whoever signs in next. Who has that password
  // from now on, and an address that is verified by it; nullopt as above.
  awaitable<std::optional<UsedToken>> reset_password(std::string token, std::string password_hash);

 private:
  Env env_;
  postgres::Database& database_;
};

}  // namespace seendr::app
