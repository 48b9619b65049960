#include "cli/redis_stage.hpp"

#include "cli/bench.hpp"

namespace seendr::cli {

namespace {

redis::ServerOptions stage_options(const std::filesystem::path& folder) {
  redis::ServerOptions options;
  options.directory = folder;
  options.name = "bench";
  options.durable = false;  // What is measured is the way there and back, not the disk.
  return options;
}

}  // namespace

RedisStage::RedisStage()
    : folder_(make_bench_folder()), server_(redis::Server::start(stage_options(folder_))) {}

RedisStage::~RedisStage() {
  server_.stop();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace seendr::cli
