// Delivers mails off the event loop: to the configured server, or else to the outbox.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/mail/mail.hpp"
#include "app/mail/message.hpp"
#include "app/mail/smtp.hpp"
#include "base/env.hpp"
#include "runtime/offload.hpp"

namespace seendr::app {

// Of one Mailer; the others wait. Who limits the time of a delivery starts no more.
inline constexpr std::size_t kMailsAtOnce = 6;

struct MailOptions {
  Sender from{"Seendr", "seendr@localhost"};
  std::optional<SmtpOptions> smtp;  // Without: the outbox.
  std::string outbox;               // Its folder; empty: mails are lost, permanently.
};

// Logs where mails go.
void say_where_mails_go(const Env& env, const MailOptions& options);

// May be used from any event loop. Must outlive the coroutines that wait for it.
class Mailer {
 public:
  Mailer(const Env& env, MailOptions options);
  Mailer(const Mailer&) = delete;
  Mailer& operator=(const Mailer&) = delete;
  ~Mailer();  // As stop().

  // What waits or is being sent fails within a second, as temporary; blocks until then. Call it
  // before the event loops of those who wait are destroyed.
  void stop();

  // At most 256 wait or are being sent; what is beyond fails as temporary. Does not throw, but when
  // cancelled: then the mail is not sent if its delivery has not begun, and is cut off within a
  // second, perhaps too late, if it has.
  awaitable<Delivery> deliver(Mail mail);

  // Removes what is too old from the outbox, which otherwise waits for the next mail. Throws when
  // too much is waiting.
  awaitable<void> trim_outbox();

 private:
  Delivery deliver_now(const Mail& mail, const std::function<bool()>& unwanted);
  void note(MailKind kind, const Delivery& delivery);

  Env env_;
  MailOptions options_;
  std::atomic<bool> stopping_{false};
  std::unique_ptr<Offload> offload_;  // Null once stopped.
};

}  // namespace seendr::app
