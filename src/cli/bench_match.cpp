// `seendr bench match`
#include "lab/bench_match.hpp"

#include <cstdio>

#include "cli/bench.hpp"
#include "cli/bench_stage.hpp"

namespace seendr::cli {

namespace {

struct BenchArguments {
  Flags flags;
  lab::BenchMatchOptions options;
  std::string profile = "both";
  std::string shape = "both";
  std::int64_t seconds = 10;
  std::int64_t hold_ms = 2000;
  std::size_t processes = 2;
};

int bench_match(BenchArguments& arguments) {
  const app::Settings settings = arguments.flags.load();
  const Process process(settings);
  lab::BenchMatchOptions options = arguments.options;
  if (options.searching > options.connected) {
    throw app::ConfigError("--searching must be at most --connected, " +
                           std::to_string(options.connected));
  }
  if (options.redis_url.empty()) options.redis_url = settings.text("redis.url");
  if (arguments.profile == "article") options.manners = {lab::Manner::article};
  if (arguments.profile == "standing") options.manners = {lab::Manner::standing};
  if (arguments.shape == "burst") options.shapes = {lab::Shape::burst};
  if (arguments.shape == "open_loop") options.shapes = {lab::Shape::open_loop};
  options.duration = Millis(arguments.seconds * 1000);
  options.hold = Millis(arguments.hold_ms);
  std::unique_ptr<BenchStage> stage;
  if (options.servers.empty()) {
    const std::size_t runs = options.manners.size() * options.shapes.size();
    std::fprintf(stderr, "starting %zu servers and signing %zu people in\n", arguments.processes,
                 options.connected * runs);
    stage =
        std::make_unique<BenchStage>(process.env, arguments.processes, options.connected * runs);
    options.servers = stage->servers();
    options.users_file = stage->users_file();
    options.redis_url = stage->redis_url();
  }
  return run_bench(lab::run_bench_match(process.env, std::move(options)));
}

}  // namespace

void add_bench_match(CLI::App& bench, int& status) {
  CLI::App& command =
      *bench.add_subcommand("match", "People who look for partners on running servers");
  const auto arguments = std::make_shared<BenchArguments>();
  lab::BenchMatchOptions& options = arguments->options;
  arguments->flags.file(command);
  command.add_option("--server", options.servers,
                     "http://host:port of a running server, may be repeated [own ones]");
  command
      .add_option("--processes", arguments->processes, "Servers to start when none is named [2]")
      ->check(in_range(1, 64));
  command.add_option("--users-file", options.users_file,
                     "Of `seendr seed`; without it guests sign in");
  command.add_option("--redis", options.redis_url,
                     "Redis whose calls and CPU are counted [REDIS_URL]");
  command.add_option("--connected", options.connected, "People with a socket [1000]")
      ->check(in_range(1, 1'000'000));
  command.add_option("--searching", options.searching, "Of these, who search in a burst [500]")
      ->check(in_range(1, 1'000'000));
  command.add_option("--rate", options.per_second, "Searches a second in the open loop [100]")
      ->check(in_range(0.01, 1'000'000.0));
  command.add_option("--seconds", arguments->seconds, "Length of the open loop [10]")
      ->check(in_range(1, 3600));
  command
      .add_option("--hold-ms", arguments->hold_ms,
                  "How long pairs of a burst are left alone [2000]")
      ->check(in_range(0, 3'600'000));
  command.add_option("--profile", arguments->profile, "article, standing or both")
      ->check(CLI::IsMember({"article", "standing", "both"}));
  command.add_option("--shape", arguments->shape, "burst, open_loop or both")
      ->check(CLI::IsMember({"burst", "open_loop", "both"}));
  command.add_flag("--json", options.json, "One JSON object a measurement");
  command.callback([arguments, &status] { status = bench_match(*arguments); });
}

}  // namespace seendr::cli
