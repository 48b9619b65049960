// The mails about an account, each from looking up the person to handing it over.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/account_tokens.hpp"
#include "app/mail/mailer.hpp"

namespace seendr::app {

class AccountMail {
 public:
  // `public_url`: where people reach the server, for the links. All must outlive this.
  AccountMail(AccountTokens& tokens, Mailer& mailer, std::string public_url);

  // Each makes a new link, in place of an earlier one, so it may be done again. nullopt: there is
  // nobody to send it to. Throws what AccountTokens throws.
  awaitable<std::optional<Delivery>> send_verification(UserId user);
  awaitable<std::optional<Delivery>> send_password_reset(std::string email);

 private:
  AccountTokens& tokens_;
  Mailer& mailer_;
  std::string public_url_;
};

struct PatienceOptions {
  int attempts = 3;
  Millis first_wait{5'000};  // Between two attempts; doubles, give or take.
};

// Does `job` until it is done, refused for good, or was tried often enough. What PostgreSQL throws
// is a failed attempt, too; the last one's is rethrown.
awaitable<void> try_patiently(Env env, std::function<awaitable<std::optional<Delivery>>()> job,
                              PatienceOptions options);

}  // namespace seendr::app
