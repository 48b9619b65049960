// What the server does in the background: the handlers of its tasks, each kind in a file.
//
// A handler may run more than once for one task (docs/tasks.md, "What is guaranteed"), so each is
// written so that a second run changes nothing.
#pragma once

#include <string>

#include "app/accounts/account_tokens.hpp"
#include "app/mail/mailer.hpp"
#include "app/settings/settings.hpp"
#include "base/env.hpp"
#include "cache/cache.hpp"
#include "postgres/database.hpp"
#include "redis/client.hpp"
#include "tasks/registry.hpp"

namespace seendr::app {

// What the handlers work with. All must outlive the registry; used on the worker's event loop.
struct JobParts {
  Env env;
  const Settings& settings;
  redis::Client& redis;
  cache::Cache& cache;
  postgres::Database& database;
  AccountTokens& account_tokens;
  Mailer& mailer;
  std::string public_url;  // Where people reach the server, for links.
};

// How a task is run that sends a mail. How many at once, their queue says.
tasks::KindOptions mail_kind(const Settings& settings);

void add_jobs(tasks::Registry& registry, const JobParts& parts);

// The kinds, each in a file of its name.
void add_account_jobs(tasks::Registry& registry, const JobParts& parts);
void add_board_job(tasks::Registry& registry, const JobParts& parts);
void add_digest_jobs(tasks::Registry& registry, const JobParts& parts);
void add_history_job(tasks::Registry& registry, const JobParts& parts);
void add_mail_jobs(tasks::Registry& registry, const JobParts& parts);
void add_upkeep_jobs(tasks::Registry& registry, const JobParts& parts);

}  // namespace seendr::app
