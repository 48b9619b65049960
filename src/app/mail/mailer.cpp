#include "app/mail/mailer.hpp"

#include "app/mail/outbox.hpp"
#include "codec/crypto.hpp"
#include "codec/text.hpp"

namespace seendr::app {

namespace {

constexpr std::size_t kQueue = 256;

// Tells who delivers that nobody waits for it any more.
class Waited {
 public:
  ~Waited() { *left_ = true; }
  std::shared_ptr<const std::atomic<bool>> shared() const { return left_; }

 private:
  std::shared_ptr<std::atomic<bool>> left_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace

Mailer::Mailer(const Env& env, MailOptions options)
    : env_(env),
      options_(std::move(options)),
      offload_(std::make_unique<Offload>(kMailsAtOnce, kQueue)) {}

Mailer::~Mailer() {
  stop();
}

void Mailer::stop() {
  stopping_ = true;
  offload_.reset();
}

awaitable<Delivery> Mailer::deliver(Mail mail) {
  const MailKind kind = mail.kind;
  const Waited left;
  const std::function<bool()> unwanted = [this, gone = left.shared()] {
    return stopping_ || *gone;
  };
  std::function<Delivery()> work = [this, unwanted, mail = std::move(mail)] {
    return deliver_now(mail, unwanted);
  };
  Delivery delivery{Delivery::Kind::temporary, "too many mails wait"};
  try {
    delivery = co_await offload_->run(std::move(work));
  } catch (const system_error& error) {
    if (error.code() == net::error::operation_aborted) throw;
  }
  note(kind, delivery);
  co_return delivery;
}

awaitable<void> Mailer::trim_outbox() {
  if (options_.outbox.empty()) co_return;
  std::function<bool()> work = [this] {
    Outbox(options_.outbox).trim(env_.clock.wall_ms());
    return true;
  };
  co_await offload_->run(std::move(work));
}

Delivery Mailer::deliver_now(const Mail& mail, const std::function<bool()>& unwanted) {
  if (unwanted()) return Delivery{Delivery::Kind::temporary, "nobody waits for it any more"};
  const std::string unique = to_hex(bytes(random_bytes(env_.random, 16)));
  const std::int64_t now = env_.clock.wall_ms();
  const std::optional<std::string> message = compose_message(mail, options_.from, now, unique);
  if (!message) {
    return Delivery{Delivery::Kind::permanent, "the address or the subject cannot be written"};
  }
  if (options_.smtp) {
    return send_by_smtp(*options_.smtp, options_.from.address, mail.to, *message, unwanted);
  }
  if (options_.outbox.empty()) {
    return Delivery{Delivery::Kind::permanent, "there is neither a mail server nor an outbox"};
  }
  return Outbox(options_.outbox).put(*message, now, unique);
}

void Mailer::note(MailKind kind, const Delivery& delivery) {
  const std::string result(name(delivery.kind));
  const std::string what_for(name(kind));
  env_.metrics
      .counter("seendr_app_mails_total", "Attempts to deliver a mail, by result.",
               {{"kind", what_for}, {"result", result}})
      .Increment();
  if (delivery.kind == Delivery::Kind::sent) return;
  env_.log.warn("mail_not_sent", "kind", what_for, "result", result, "reason", delivery.reason);
}

void say_where_mails_go(const Env& env, const MailOptions& options) {
  if (options.smtp) {
    env.log.info("mail", "server", options.smtp->host, "port", options.smtp->port);
  } else if (options.outbox.empty()) {
    env.log.warn("mail_is_lost", "advice", "set mail.host, or mail.outbox_dir to keep mails");
  } else {
    env.log.warn("mail_outbox", "folder", options.outbox, "advice",
                 "set mail.host to send mails instead of writing them there");
  }
}

}  // namespace seendr::app
