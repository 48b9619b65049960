#include "app/jobs/jobs.hpp"

namespace seendr::app {

void add_jobs(tasks::Registry& registry, const JobParts& parts) {
  add_account_jobs(registry, parts);
  add_board_job(registry, parts);
  add_digest_jobs(registry, parts);
  add_history_job(registry, parts);
  add_mail_jobs(registry, parts);
  add_upkeep_jobs(registry, parts);
}

}  // namespace seendr::app
