// `seendr bench http`
#include "lab/bench_http.hpp"

#include <cstdio>

#include "cli/bench.hpp"
#include "cli/bench_stage.hpp"

namespace seendr::cli {

namespace {

struct HttpArguments {
  Flags flags;
  lab::BenchHttpOptions options;
  double seconds = 3;
};

int bench_http(const HttpArguments& arguments) {
  const app::Settings settings = arguments.flags.load();
  const Process process(settings);
  std::fprintf(stderr, "starting a server\n");
  const BenchStage stage(process.env, 1, 1);
  lab::BenchHttpOptions options = arguments.options;
  options.server = stage.servers().front();
  options.duration = Millis(static_cast<std::int64_t>(arguments.seconds * 1000));
  return run_bench(lab::run_bench_http(std::move(options)));
}

}  // namespace

void add_bench_http(CLI::App& bench, int& status) {
  CLI::App& command = *bench.add_subcommand("http", "What a server answers a second, page by page");
  const auto arguments = std::make_shared<HttpArguments>();
  arguments->flags.file(command);
  command.add_option("--seconds", arguments->seconds, "Length of each measurement [3]")
      ->check(in_range(0.01, 60.0));
  command
      .add_option("--connections", arguments->options.connections,
                  "How many ask at once, may be repeated [1 and 32]")
      ->check(in_range(1, 10'000));
  command.add_flag("--json", arguments->options.json, "One JSON object a measurement");
  command.callback([arguments, &status] { status = bench_http(*arguments); });
}

}  // namespace seendr::cli
