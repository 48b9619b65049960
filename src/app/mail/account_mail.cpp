#include "app/mail/account_mail.hpp"

#include "app/mail/mail_text.hpp"
#include "runtime/backoff.hpp"
#include "runtime/sleep.hpp"

namespace seendr::app {

AccountMail::AccountMail(AccountTokens& tokens, Mailer& mailer, std::string public_url)
    : tokens_(tokens), mailer_(mailer), public_url_(std::move(public_url)) {}

awaitable<std::optional<Delivery>> AccountMail::send_verification(UserId user) {
  const std::optional<IssuedToken> issued = co_await tokens_.issue_verify(user);
  if (!issued) co_return std::nullopt;
  const MailLanguage language = mail_language(issued->languages);
  Mail mail = verification_mail(language, issued->email, public_url_, issued->token);
  co_return co_await mailer_.deliver(std::move(mail));
}

awaitable<std::optional<Delivery>> AccountMail::send_password_reset(std::string email) {
  const std::optional<IssuedToken> issued = co_await tokens_.issue_reset(std::move(email));
  if (!issued) co_return std::nullopt;
  const MailLanguage language = mail_language(issued->languages);
  Mail mail = password_reset_mail(language, issued->email, public_url_, issued->token);
  co_return co_await mailer_.deliver(std::move(mail));
}

awaitable<void> try_patiently(Env env, std::function<awaitable<std::optional<Delivery>>()> job,
                              PatienceOptions options) {
  const BackoffOptions waits{options.first_wait, options.first_wait * 60};
  Backoff backoff(waits);
  for (int attempt = 1;; ++attempt) {
    const bool last = attempt >= options.attempts;
    std::optional<Delivery> delivery;
    std::exception_ptr failure;
    try {
      delivery = co_await job();
    } catch (const system_error&) {
      failure = std::current_exception();
    }
    if (failure && (last || is_cancellation(failure))) std::rethrow_exception(failure);
    const bool again = failure || (delivery && delivery->kind == Delivery::Kind::temporary);
    if (!again || last) co_return;
    co_await sleep_for(backoff.next(env.random));
  }
}

}  // namespace seendr::app
