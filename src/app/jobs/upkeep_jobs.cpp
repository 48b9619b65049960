// seendr.cache.warm: profiles of recent people into the cache. seendr.data.clean_up: what is older
// than it shall be out of PostgreSQL and the outbox.
#include "app/jobs/job_queue.hpp"
#include "app/jobs/jobs.hpp"
#include "app/settings/config.hpp"
#include "app/settings/work_config.hpp"
#include "app/upkeep/retention.hpp"
#include "app/upkeep/warming.hpp"

namespace seendr::app {

namespace {

constexpr Millis kWarmingLimit{240'000};  // Before the next one begins.
constexpr Millis kCleanUpLimit{3'600'000};

struct Warmer {
  explicit Warmer(const JobParts& parts)
      : profiles(parts.database), warming(parts.cache, profiles, warming_options(parts.settings)) {}

  Profiles profiles;
  Warming warming;
};

awaitable<json::value> warm(Warmer& warmer) {
  const std::size_t count = co_await warmer.warming.warm();
  co_return count;
}

struct Cleaner {
  explicit Cleaner(const JobParts& parts)
      : env(parts.env),
        mailer(parts.mailer),
        sessions(parts.env, parts.redis, session_options(parts.settings)),
        retention(parts.database, sessions, retention_options(parts.settings)) {}

  Env env;
  Mailer& mailer;
  auth::Sessions sessions;
  Retention retention;
};

awaitable<json::value> clean_up(Cleaner& cleaner) {
  co_await cleaner.mailer.trim_outbox();
  const std::vector<Removed> removed = co_await cleaner.retention.remove_old();
  json::object counts;
  for (const Removed& one : removed) {
    counts[one.what] = one.rows;
    if (one.rows > 0) cleaner.env.log.info("cleaned_up", "what", one.what, "rows", one.rows);
  }
  co_return counts;
}

}  // namespace

void add_upkeep_jobs(tasks::Registry& registry, const JobParts& parts) {
  const auto warmer = std::make_shared<Warmer>(parts);
  tasks::KindOptions warming;
  warming.concurrency = 1;
  warming.buried = false;
  warming.time_limit = kWarmingLimit;
  registry.on(std::string(job::kWarmCache), warming,
              [warmer](tasks::TaskContext&) { return warm(*warmer); });
  const auto cleaner = std::make_shared<Cleaner>(parts);
  tasks::KindOptions cleaning;
  cleaning.retry.max = 5;
  cleaning.concurrency = 1;
  cleaning.time_limit = kCleanUpLimit;
  registry.on(std::string(job::kCleanUp), cleaning,
              [cleaner](tasks::TaskContext&) { return clean_up(*cleaner); });
}

}  // namespace seendr::app
