// `seendr bench redis`
#include "lab/bench_redis.hpp"

#include "cli/bench.hpp"
#include "cli/redis_stage.hpp"

namespace seendr::cli {

namespace {

int bench_redis(const Flags& flags, lab::BenchRedisOptions options, double seconds) {
  const app::Settings settings = flags.load();
  const Process process(settings);
  const RedisStage stage;
  options.socket = stage.socket();
  options.folder = stage.folder();
  options.duration = Millis(static_cast<std::int64_t>(seconds * 1000));
  return run_bench(lab::run_bench_redis(process.env, std::move(options)));
}

}  // namespace

void add_bench_redis(CLI::App& bench, int& status) {
  struct Arguments {
    Flags flags;
    lab::BenchRedisOptions options;
    double seconds = 3;
  };
  CLI::App& command = *bench.add_subcommand(
      "redis", "The client and the blocks over Redis, beside redis-benchmark and Python packages");
  const auto arguments = std::make_shared<Arguments>();
  arguments->flags.file(command);
  command.add_option("--seconds", arguments->seconds, "Length of each measurement [3]")
      ->check(in_range(0.01, 60.0));
  command.add_option("--python", arguments->options.python,
                     "Interpreter that has django-redis and channels_redis [/usr/bin/python3]");
  command.add_flag("--json", arguments->options.json, "One JSON object a measurement");
  command.callback([arguments, &status] {
    status = bench_redis(arguments->flags, arguments->options, arguments->seconds);
  });
}

}  // namespace seendr::cli
