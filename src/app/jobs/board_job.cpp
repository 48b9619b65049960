// seendr.board.archive: keeps the board of the day that is over. Twice after midnight, for matches
// of its last moments that were counted late.
#include "app/jobs/job_queue.hpp"
#include "app/jobs/jobs.hpp"
#include "app/settings/config.hpp"
#include "app/upkeep/board_archive.hpp"
#include "tasks/iso_time.hpp"

namespace seendr::app {

namespace {

// For a database that is away at midnight; after that, the next night makes up for it.
constexpr tasks::RetryPolicy kArchiveRetry{.max = 20};

struct Archive {
  explicit Archive(const JobParts& parts)
      : env(parts.env),
        trending(parts.env, parts.redis, trending_options(parts.settings)),
        archive(trending, parts.database, time_zone(parts.settings)) {}

  Env env;
  leaderboard::Trending trending;
  BoardArchive archive;
};

// The instant of the schedule that the task is for; now, when somebody runs it by hand.
std::int64_t moment_of(const tasks::TaskContext& task, const Clock& clock) {
  const json::value* instant = task.message().headers.if_contains("seendr_instant");
  const auto time =
      instant && instant->is_string() ? tasks::from_iso(instant->get_string()) : std::nullopt;
  if (!time) return clock.wall_ms();
  return std::chrono::floor<Millis>(time->time_since_epoch()).count();
}

awaitable<json::value> store(Archive& archive, tasks::TaskContext& task) {
  const std::int64_t moment = moment_of(task, archive.env.clock);
  const std::size_t count = co_await archive.archive.store(moment);
  co_return count;
}

}  // namespace

void add_board_job(tasks::Registry& registry, const JobParts& parts) {
  const auto archive = std::make_shared<Archive>(parts);
  tasks::KindOptions options;
  options.retry = kArchiveRetry;
  options.concurrency = 1;
  options.time_limit = Millis(60'000);
  registry.on(std::string(job::kArchiveBoard), options,
              [archive](tasks::TaskContext& task) { return store(*archive, task); });
}

}  // namespace seendr::app
