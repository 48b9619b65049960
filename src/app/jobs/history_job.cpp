// seendr.history.record: writes the matches of the last seconds to PostgreSQL.
#include "app/jobs/job_queue.hpp"
#include "app/jobs/jobs.hpp"
#include "app/settings/config.hpp"
#include "app/upkeep/match_history.hpp"

namespace seendr::app {

namespace {

constexpr std::size_t kEntries = 5000;  // Of the log, in one transaction.
constexpr int kSteps = 20;              // In one run; the next one goes on.

awaitable<json::value> record(MatchHistory& history) {
  std::size_t made = 0;
  for (int i = 0; i < kSteps; ++i) {
    const MatchHistory::Step step = co_await history.step(kEntries);
    if (step.overtaken) break;
    made += step.made;
    if (step.read < kEntries) break;
  }
  co_return made;
}

}  // namespace

void add_history_job(tasks::Registry& registry, const JobParts& parts) {
  const auto history = std::make_shared<MatchHistory>(parts.env, parts.redis, parts.database,
                                                      match_options(parts.settings).shard);
  tasks::KindOptions options;
  options.concurrency = 1;
  options.buried = false;
  options.time_limit = Millis(30'000);
  registry.on(std::string(job::kRecordHistory), options,
              [history](tasks::TaskContext&) { return record(*history); });
}

}  // namespace seendr::app
