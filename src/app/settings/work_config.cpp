#include "app/settings/work_config.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <unistd.h>

#include "app/jobs/job_queue.hpp"

namespace seendr::app {

namespace {

// One worker a process: no other has the name while this one lives.
std::string own_node() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host = {"localhost"};
  return "seendr-" + std::to_string(getpid()) + "@" + host.data();
}

}  // namespace

tasks::WorkerOptions worker_options(const Settings& settings) {
  tasks::WorkerOptions options;
  options.queues.clear();
  options.concurrency = static_cast<std::size_t>(settings.integer("tasks.concurrency"));
  const std::size_t half = std::max<std::size_t>(1, options.concurrency / 2);
  for (const std::string& name : settings.list("tasks.queues")) {
    const bool again = std::any_of(options.queues.begin(), options.queues.end(),
                                   [&name](const auto& other) { return other.name == name; });
    if (again) throw ConfigError("tasks.queues: " + name + " is there twice");
    tasks::WorkQueue queue{name};
    if (name == kMailQueue) queue.concurrency = std::min(kMailsAtOnce, half);
    options.queues.push_back(std::move(queue));
  }
  if (options.queues.empty()) throw ConfigError("tasks.queues names no queue");
  options.drain = settings.ms("tasks.drain_ms");
  options.store.visibility = std::chrono::seconds(settings.integer("tasks.visibility_timeout_s"));
  options.remote.node = settings.text("tasks.node");
  if (options.remote.node.empty()) options.remote.node = own_node();
  return options;
}

MailOptions mail_options(const Settings& settings, const std::string& data_folder) {
  MailOptions options;
  options.outbox = settings.text("mail.outbox_dir");
  if (options.outbox.empty() && !data_folder.empty()) options.outbox = data_folder + "/outbox";
  const std::string from = settings.text("mail.from");
  if (!from.empty()) {
    std::optional<Sender> sender = parse_sender(from);
    if (!sender) throw ConfigError("mail.from: must be like Seendr <no-reply@example.org>");
    options.from = std::move(*sender);
  }
  SmtpOptions smtp;
  smtp.host = settings.text("mail.host");
  if (smtp.host.empty()) return options;
  const bool is_host = std::all_of(smtp.host.begin(), smtp.host.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '-' || c == ':';
  });
  if (!is_host) throw ConfigError("mail.host: must be a name or an address, without a port");
  if (from.empty()) throw ConfigError("mail.host is set but mail.from is not");
  smtp.port = static_cast<std::uint16_t>(settings.integer("mail.port"));
  const std::string security = settings.text("mail.security");
  if (security == "tls") smtp.security = SmtpSecurity::tls;
  if (security == "none") smtp.security = SmtpSecurity::none;
  smtp.user = settings.text("mail.user");
  smtp.password = settings.text("mail.password");
  if (!smtp.user.empty() && smtp.security == SmtpSecurity::none) {
    throw ConfigError("mail.security is none: mail.user would sign in without encryption");
  }
  smtp.ca_file = settings.text("mail.ca_file");
  smtp.connect_timeout = settings.ms("mail.connect_timeout_ms");
  smtp.timeout = settings.ms("mail.timeout_ms");
  options.smtp = std::move(smtp);
  return options;
}

DigestOptions digest_options(const Settings& settings, std::string public_url) {
  DigestOptions options;
  options.after = std::chrono::hours(settings.integer("mail.digest_after_hours"));
  options.public_url = std::move(public_url);
  return options;
}

RetentionOptions retention_options(const Settings& settings) {
  const auto days = [&settings](std::string_view key) {
    return static_cast<int>(settings.integer(key));
  };
  RetentionOptions options;
  options.reports_days = days("retention.reports_days");
  options.bans_days = days("retention.bans_days");
  options.notifications_days = days("retention.notifications_days");
  options.history_days = days("retention.history_days");
  options.guests_days = days("retention.guests_days");
  return options;
}

WarmingOptions warming_options(const Settings& settings) {
  WarmingOptions options;
  options.people = static_cast<int>(settings.integer("warming.people"));
  options.within = std::chrono::hours(settings.integer("warming.within_hours"));
  return options;
}

}  // namespace seendr::app
