// Mails about an account: seendr.mail.verification [user, public URL] and
// seendr.mail.password_reset [user, public URL]; the URL is that of the server that was asked.
//
// Each run makes a new link, in place of the one before: who gets two mails uses the later one.
#include "app/jobs/job_queue.hpp"
#include "app/jobs/jobs.hpp"
#include "app/mail/account_mail.hpp"

namespace seendr::app {

namespace {

// The delays are two and a half hours on average, and hardly ever less than one: long enough for a
// mail server that is away for an hour.
constexpr tasks::RetryPolicy kMailRetry{
    .max = 14, .base = Millis(60'000), .cap = Millis(1'800'000)};
constexpr Millis kBesidesDelivery{10'000};

// Whether a mail was sent; throws when it was to be and was not.
json::value sent(const std::optional<Delivery>& delivery) {
  if (!delivery) return false;  // Nobody has the address, or it is known already.
  if (delivery->kind == Delivery::Kind::sent) return true;
  tasks::TaskError error("RuntimeError", {delivery->reason});
  if (delivery->kind == Delivery::Kind::permanent) error.final();
  throw error;
}

awaitable<json::value> verification(AccountMail& mail, tasks::TaskContext& task) {
  const std::string url(task.args().at(1).as_string());
  const UserId user{task.args().at(0).to_number<std::int64_t>()};
  const std::optional<Delivery> delivery = co_await mail.send_verification(user, url);
  co_return sent(delivery);
}

awaitable<json::value> password_reset(AccountMail& mail, tasks::TaskContext& task) {
  const std::string url(task.args().at(1).as_string());
  const UserId user{task.args().at(0).to_number<std::int64_t>()};
  const std::optional<Delivery> delivery = co_await mail.send_password_reset(user, url);
  co_return sent(delivery);
}

}  // namespace

tasks::KindOptions mail_kind(const Settings& settings) {
  tasks::KindOptions options;
  options.retry = kMailRetry;
  options.idempotent = true;
  options.time_limit =
      settings.ms("mail.connect_timeout_ms") + settings.ms("mail.timeout_ms") + kBesidesDelivery;
  return options;
}

void add_mail_jobs(tasks::Registry& registry, const JobParts& parts) {
  const auto mail = std::make_shared<AccountMail>(parts.account_tokens, parts.mailer);
  const tasks::KindOptions options = mail_kind(parts.settings);
  registry.on(std::string(job::kVerificationMail), options,
              [mail](tasks::TaskContext& task) { return verification(*mail, task); });
  registry.on(std::string(job::kPasswordResetMail), options,
              [mail](tasks::TaskContext& task) { return password_reset(*mail, task); });
}

}  // namespace seendr::app
