#include "lab/celery.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "base/error.hpp"
#include "base/json.hpp"
#include "lab/celery.py.hpp"
#include "lab/program.hpp"
#include "runtime/sleep.hpp"

namespace seendr::lab {
namespace {

constexpr Millis kStartLimit{30'000};  // Of a Python program, beyond the time it measures.
constexpr Millis kNotedLook{2};
constexpr const char* kModule = "celery_bench";

// What the script printed last; nullopt when that is no figure.
std::optional<double> rate_of(const std::vector<std::string>& lines) {
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    error_code error;
    const json::value value = json::parse(*line, error);
    const json::object* object = error ? nullptr : value.if_object();
    const json::value* rate = object ? object->if_contains("per_s") : nullptr;
    if (rate && rate->is_number()) return rate->to_number<double>();
  }
  return std::nullopt;
}

}  // namespace

Celery::Celery(CeleryOptions options) : options_(std::move(options)) {
  if (options_.python.empty()) options_.python = python_program();
  if (options_.python.empty()) throw std::runtime_error("python3 is not installed");
  std::filesystem::create_directories(options_.folder + "/stamps");
  std::ofstream(options_.folder + "/" + kModule + ".py") << kCeleryPython;
}

std::vector<std::string> Celery::variables(Millis duration) const {
  const double seconds = std::chrono::duration<double>(duration).count();
  return {"BENCH_SOCKET=" + options_.socket, "BENCH_DATABASE=" + std::to_string(options_.database),
          "BENCH_SECONDS=" + std::to_string(seconds), "BENCH_STAMPS=" + options_.folder + "/stamps",
          "PYTHONPATH=" + options_.folder};
}

awaitable<double> Celery::enqueue_rate(Millis duration) {
  std::vector<std::string> arguments{"-B", options_.folder + "/" + kModule + ".py"};
  std::vector<std::string> words = variables(duration);
  const ProgramOutcome outcome = co_await run_program(options_.python, std::move(arguments),
                                                      kStartLimit + duration, std::move(words));
  const std::optional<double> rate = rate_of(outcome.lines);
  if (outcome.failure.empty() && rate) co_return *rate;
  throw std::runtime_error("Celery cannot be measured (Debian: python3-celery, python3-redis): " +
                           (outcome.failure.empty() ? "it printed no figure" : outcome.failure));
}

ChildProcess Celery::start_worker(std::string pool, int processes) {
  ChildOptions options;
  options.program = options_.python;
  options.arguments = {"-B",     "-m", "celery",        "-A", kModule,
                       "worker", "-P", std::move(pool), "-c", std::to_string(processes)};
  options.environment = program_variables();
  const std::vector<std::string> words = variables(Millis(0));
  options.environment.insert(options.environment.end(), words.begin(), words.end());
  options.log_file = options_.folder + "/celery.log";
  return ChildProcess::start(std::move(options));
}

awaitable<void> Celery::wait_noted(std::size_t count, Millis limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options_.folder + "/stamps")) {
      bytes += entry.file_size();
    }
    const std::size_t noted = bytes / sizeof(double);
    if (noted >= count) co_return;
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("Celery's worker noted " + std::to_string(noted) + " of " +
                               std::to_string(count) + " tasks in time");
    }
    co_await sleep_for(kNotedLook);
  }
}

std::vector<double> Celery::stop_worker(ChildProcess worker) {
  if (!worker.running()) {
    throw std::runtime_error("the worker of Celery ended by itself: " + last_words());
  }
  { const ChildProcess killed = std::move(worker); }
  std::vector<double> waited;
  const std::string stamps = options_.folder + "/stamps";
  for (const auto& entry : std::filesystem::directory_iterator(stamps)) {
    std::ifstream file(entry.path(), std::ios::binary);
    double time_us = 0;
    while (file.read(reinterpret_cast<char*>(&time_us), sizeof time_us)) waited.push_back(time_us);
  }
  std::filesystem::remove_all(stamps);
  std::filesystem::create_directories(stamps);
  return waited;
}

std::string Celery::last_words() const {
  std::ifstream log(options_.folder + "/celery.log");
  std::string last;
  for (std::string line; std::getline(log, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

}  // namespace seendr::lab
