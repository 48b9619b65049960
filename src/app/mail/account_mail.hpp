// The mails about an account, each from looking up the person to handing it over.
#pragma once

#include <optional>
#include <string>

#include "app/accounts/account_tokens.hpp"
#include "app/mail/mailer.hpp"

namespace seendr::app {

class AccountMail {
 public:
  // Both must outlive this.
  AccountMail(AccountTokens& tokens, Mailer& mailer) : tokens_(tokens), mailer_(mailer) {}

  // Each makes a new link, in place of an earlier one, so it may be done again. nullopt: there is
  // nobody to send it to. `public_url`: where people reach the server, for the link. Throws what
  // AccountTokens throws.
  awaitable<std::optional<Delivery>> send_verification(UserId user, std::string public_url);
  awaitable<std::optional<Delivery>> send_password_reset(UserId user, std::string public_url);

 private:
  AccountTokens& tokens_;
  Mailer& mailer_;
};

}  // namespace seendr::app
