// Settings as the options of what works in the background.
#pragma once

#include <string>

#include "app/mail/mailer.hpp"
#include "app/settings/settings.hpp"
#include "app/upkeep/digest.hpp"
#include "app/upkeep/retention.hpp"
#include "app/upkeep/warming.hpp"
#include "tasks/worker.hpp"

namespace seendr::app {

// Each throws ConfigError with a sentence when a value cannot be used.
tasks::WorkerOptions worker_options(const Settings& settings);

// `data_folder`: of this server; empty: it has none, and mails need a server or a folder.
MailOptions mail_options(const Settings& settings, const std::string& data_folder);

// `public_url`: where people reach the server.
DigestOptions digest_options(const Settings& settings, std::string public_url);
RetentionOptions retention_options(const Settings& settings);
WarmingOptions warming_options(const Settings& settings);

}  // namespace seendr::app
