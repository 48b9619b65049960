// `seendr bench redis`
#include "lab/bench_redis.hpp"

#include <filesystem>
#include <stdexcept>

#include "cli/bench.hpp"
#include "redis/server.hpp"

namespace seendr::cli {

namespace {

// A Redis on a unix socket in a directory of its own; both end with this object.
class RedisStage {
 public:
  RedisStage() : folder_(make_bench_folder()), server_(redis::Server::start(options(folder_))) {}
  RedisStage(const RedisStage&) = delete;
  RedisStage& operator=(const RedisStage&) = delete;
  ~RedisStage() {
    server_.stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string folder() const { return folder_; }
  std::string socket() const { return server_.socket(); }

 private:
  static redis::ServerOptions options(const std::filesystem::path& folder) {
    redis::ServerOptions options;
    options.directory = folder;
    options.name = "bench";
    options.durable = false;  // What is measured is the way there and back, not the disk.
    return options;
  }

  std::filesystem::path folder_;
  redis::Server server_;
};

int bench_redis(const Flags& flags, lab::BenchRedisOptions options, double seconds) {
  const app::Settings settings = flags.load();
  const Process process(settings);
  RedisStage stage;
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
