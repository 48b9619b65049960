#include "cli/bench_stage.hpp"

#include <csignal>
#include <future>
#include <stdexcept>

#include "cli/bench.hpp"

namespace seendr::cli {

namespace {

constexpr std::string_view kReady = "Seendr is ready at ";
constexpr Millis kStartLimit{60'000};
constexpr Millis kSeedLimit{120'000};
constexpr Millis kStopLimit{30'000};

std::string own_program() {
  return std::filesystem::read_symlink("/proc/self/exe").string();
}

}  // namespace

BenchStage::BenchStage(const Env& env, std::size_t processes, std::size_t people)
    : folder_(make_bench_folder()) {
  app::ManagedOptions options;
  options.folder = folder_ / "data";
  options.command = "seendr bench";
  services_ = app::ManagedServices::start(env, options);
  seed(people);
  for (std::size_t i = 0; i < processes; ++i) start_server();
}

BenchStage::~BenchStage() {
  for (ChildProcess& process : processes_) process.signal(SIGTERM);
  for (ChildProcess& process : processes_) process.wait(kStopLimit);
  processes_.clear();
  services_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

// What a benchmark's people do from one address is more than the limits allow.
std::vector<std::string> BenchStage::variables() const {
  const app::ServiceUrls& urls = services_->urls();
  return {"PATH=/usr/bin:/bin",
          "REDIS_URL=" + urls.redis,
          "CACHE_URL=" + urls.cache,
          "DATABASE_URL=" + urls.database,
          "SEENDR_LOG_LEVEL=warn",
          "SEENDR_MAIL_OUTBOX_DIR=" + (folder_ / "outbox").string(),
          "SEENDR_LIMITS_MATCHING=off",
          "SEENDR_LIMITS_CONNECTIONS_ADDRESS=off",
          "SEENDR_LIMITS_FRAMES_CONNECTION=off",
          "SEENDR_SERVER_DRAIN_MS=1000"};
}

void BenchStage::start_server() {
  auto ready = std::make_shared<std::promise<std::string>>();
  auto told = std::make_shared<bool>(false);
  std::future<std::string> url = ready->get_future();
  ChildOptions options;
  options.program = own_program();
  options.arguments = {"serve", "--port", "0"};
  options.environment = variables();
  options.on_line = [ready, told](std::string_view line) {
    if (*told || !line.starts_with(kReady)) return;
    *told = true;
    std::string address(line.substr(kReady.size()));
    if (address.ends_with('/')) address.pop_back();
    ready->set_value(std::move(address));
  };
  processes_.push_back(ChildProcess::start(std::move(options)));
  if (url.wait_for(kStartLimit) != std::future_status::ready) {
    throw std::runtime_error("a server of the benchmark did not get ready in time");
  }
  urls_.push_back(url.get());
}

void BenchStage::seed(std::size_t people) {
  ChildOptions options;
  options.program = own_program();
  options.arguments = {"seed", "--users", std::to_string(people), "--users-file", users_file()};
  options.environment = variables();
  options.log_file = folder_ / "seed.log";
  ChildProcess process = ChildProcess::start(std::move(options));
  if (!process.wait(kSeedLimit) || process.exit_status() != 0) {
    throw std::runtime_error("people for the benchmark could not be seeded");
  }
}

}  // namespace seendr::cli
