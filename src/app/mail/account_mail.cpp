#include "app/mail/account_mail.hpp"

#include "app/mail/mail_text.hpp"

namespace seendr::app {

awaitable<std::optional<Delivery>> AccountMail::send_verification(UserId user,
                                                                  std::string public_url) {
  const std::optional<IssuedToken> issued = co_await tokens_.issue_verify(user);
  if (!issued) co_return std::nullopt;
  const MailLanguage language = mail_language(issued->languages);
  Mail mail = verification_mail(language, issued->email, public_url, issued->token);
  co_return co_await mailer_.deliver(std::move(mail));
}

awaitable<std::optional<Delivery>> AccountMail::send_password_reset(UserId user,
                                                                    std::string public_url) {
  const std::optional<IssuedToken> issued = co_await tokens_.issue_reset(user);
  if (!issued) co_return std::nullopt;
  const MailLanguage language = mail_language(issued->languages);
  Mail mail = password_reset_mail(language, issued->email, public_url, issued->token);
  co_return co_await mailer_.deliver(std::move(mail));
}

}  // namespace seendr::app
