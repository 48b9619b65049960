// `seendr schedule …`: what runs when, and running it now.
#include "app/jobs/schedule.hpp"

#include <cstdio>

#include "app/rest/api.hpp"
#include "base/number.hpp"
#include "cli/command.hpp"
#include "cli/table.hpp"
#include "tasks/client.hpp"
#include "tasks/schedule_store.hpp"

namespace seendr::cli {

namespace {

struct ScheduleArguments {
  Flags flags;
  std::string name;
  bool json = false;
};
using Arguments = std::shared_ptr<ScheduleArguments>;

std::string when_of(const tasks::Entry& entry) {
  if (const auto* interval = std::get_if<tasks::Interval>(&entry.when)) {
    return "every " + std::to_string(interval->every.count()) + " s";
  }
  return std::get<tasks::Calendar>(entry.when).crontab.text();
}

std::int64_t ms_of(tasks::Instant instant) {
  return instant.time_since_epoch().count();
}

awaitable<int> list(Backend& backend, const Env& env, const app::Settings& settings, bool as_json) {
  const std::vector<tasks::Entry> entries = app::schedule_entries(settings);
  tasks::ScheduleStore store(env, backend.redis, {});
  std::map<std::string, std::string> settled = co_await store.settled();
  const auto now = std::chrono::floor<Millis>(env.clock.wall());
  json::array rows;
  for (const tasks::Entry& entry : entries) {
    const bool calendar = std::holds_alternative<tasks::Calendar>(entry.when);
    json::object row{{"name", entry.name},
                     {"task", entry.task},
                     {"when", when_of(entry)},
                     {"zone", calendar ? settings.text("server.time_zone") : "UTC"},
                     {"missed", entry.missed == tasks::Missed::skip ? "skip" : "run_once"},
                     {"settled", nullptr},
                     {"next", app::time_text(ms_of(tasks::next_after(entry, now)))}};
    const auto until = parse_number<std::int64_t>(settled[entry.name]);
    if (until) {
      const tasks::Instant last = tasks::last_until(entry, tasks::Instant(Millis(*until)));
      row["settled"] = app::time_text(ms_of(last));
    }
    rows.push_back(std::move(row));
  }
  print_rows(rows, {"name", "task", "when", "zone", "missed", "settled", "next"}, as_json);
  co_return kOk;
}

awaitable<int> run_now(Backend& backend, const Env& env, const app::Settings& settings,
                       std::string name, bool as_json) {
  for (const tasks::Entry& entry : app::schedule_entries(settings)) {
    if (entry.name != name) continue;
    tasks::Client client(env, backend.redis);
    tasks::Task task;
    task.name = entry.task;
    task.args = entry.args;
    task.kwargs = entry.kwargs;
    task.queue = entry.queue;
    const result<std::string> id = co_await client.enqueue(std::move(task));
    if (!id) throw system_error(id.error());
    if (as_json) {
      print_fields({{"enqueued", *id}}, true);
    } else {
      std::printf("enqueued\t%s\n", id->c_str());
    }
    co_return kOk;
  }
  std::fprintf(stderr, "seendr: the schedule has no entry %s\n", name.c_str());
  co_return kFailed;
}

}  // namespace

void add_schedule(CLI::App& program, int& status) {
  CLI::App& schedule = *program.add_subcommand("schedule", "Tasks that run at given times");
  schedule.require_subcommand(1);
  const auto listing = std::make_shared<ScheduleArguments>();
  CLI::App& list_command = *schedule.add_subcommand("list", "All entries, with their next time");
  listing->flags.data_dir(list_command);
  list_command.add_flag("--json", listing->json, "As JSON");
  list_command.callback([listing, &status] {
    const app::Settings settings = listing->flags.load();
    const Process process(settings);
    Backend backend(process.env, settings, "seendr schedule");
    status = run(backend, process.env,
                 [&] { return list(backend, process.env, settings, listing->json); });
  });

  const auto running = std::make_shared<ScheduleArguments>();
  CLI::App& run_command = *schedule.add_subcommand("run", "Enqueue the task of an entry now");
  running->flags.data_dir(run_command);
  run_command.add_flag("--json", running->json, "As JSON");
  run_command.add_option("NAME", running->name, "The entry's name")->required();
  run_command.callback([running, &status] {
    const app::Settings settings = running->flags.load();
    const Process process(settings);
    Backend backend(process.env, settings, "seendr schedule");
    status = run(backend, process.env, [&] {
      return run_now(backend, process.env, settings, running->name, running->json);
    });
  });
}

}  // namespace seendr::cli
