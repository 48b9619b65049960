// `seendr bench tasks`
#include "lab/bench_tasks.hpp"

#include "cli/bench.hpp"
#include "cli/redis_stage.hpp"

namespace seendr::cli {

namespace {

int bench_tasks(const Flags& flags, lab::BenchTasksOptions options, double seconds) {
  const app::Settings settings = flags.load();
  const Process process(settings);
  const RedisStage stage;
  options.socket = stage.socket();
  options.folder = stage.folder();
  options.duration = Millis(static_cast<std::int64_t>(seconds * 1000));
  return run_bench(lab::run_bench_tasks(process.env, std::move(options)));
}

}  // namespace

void add_bench_tasks(CLI::App& bench, int& status) {
  struct Arguments {
    Flags flags;
    lab::BenchTasksOptions options;
    double seconds = 3;
  };
  CLI::App& command = *bench.add_subcommand("tasks", "The task queue beside Celery");
  const auto arguments = std::make_shared<Arguments>();
  arguments->flags.file(command);
  command
      .add_option("--tasks", arguments->options.tasks, "Tasks that each worker executes [20000]")
      ->check(in_range(1, 1'000'000));
  command.add_option("--seconds", arguments->seconds, "Length of each other measurement [3]")
      ->check(in_range(0.01, 60.0));
  command.add_option("--python", arguments->options.python,
                     "Interpreter that has Celery [/usr/bin/python3]");
  command.add_flag("--json", arguments->options.json, "One JSON object a measurement");
  command.callback([arguments, &status] {
    status = bench_tasks(arguments->flags, arguments->options, arguments->seconds);
  });
}

}  // namespace seendr::cli
