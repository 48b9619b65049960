#include "lab/redis_rivals.hpp"

#include <fstream>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/number.hpp"
#include "lab/program.hpp"
#include "lab/redis_rivals.py.hpp"
#include "runtime/system_place.hpp"

namespace seendr::lab {
namespace {

constexpr Millis kProgramLimit{120'000};  // Beyond the time it is told to take.
constexpr int kPythonFigures = 7;
constexpr std::string_view kBenchmarkName = "redis-benchmark";
constexpr std::string_view kPythonName = "Python";

Rival without(std::string_view name, std::string why) {
  return Rival{std::string(name), std::nullopt, std::move(why)};
}

// "GET key","98039.22","0.009",...: the name, the rate, six latencies. From the end, because the
// name is the command, which may hold commas.
std::optional<double> rate_in(std::string_view line) {
  constexpr int kLatencies = 6;
  for (int i = 0; i < kLatencies; ++i) {
    const std::size_t comma = line.rfind(',');
    if (comma == std::string_view::npos) return std::nullopt;
    line = line.substr(0, comma);
  }
  const std::size_t comma = line.rfind(",\"");
  if (comma == std::string_view::npos || !line.ends_with('"')) return std::nullopt;
  line.remove_suffix(1);
  return parse_number<double>(line.substr(std::min(comma + 2, line.size())));
}

}  // namespace

std::optional<double> parse_redis_benchmark(const std::vector<std::string>& lines) {
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (const std::optional<double> rate = rate_in(*line)) return rate;
  }
  return std::nullopt;
}

awaitable<Rival> run_redis_benchmark(RedisBenchmark options) {
  const std::optional<std::string> program = find_program(kBenchmarkName);
  if (!program) co_return without(kBenchmarkName, "redis-benchmark is not installed");
  std::vector<std::string> arguments{"-s",   options.socket,
                                     "-c",   "1",
                                     "-P",   std::to_string(options.pipelining),
                                     "-n",   std::to_string(options.requests),
                                     "--csv"};
  arguments.insert(arguments.end(), options.words.begin(), options.words.end());
  const ProgramOutcome outcome =
      co_await run_program(*program, std::move(arguments), kProgramLimit);
  if (!outcome.failure.empty()) co_return without(kBenchmarkName, outcome.failure);
  const std::optional<double> value = parse_redis_benchmark(outcome.lines);
  if (!value) co_return without(kBenchmarkName, "it printed no figure");
  co_return Rival{std::string(kBenchmarkName), value, ""};
}

awaitable<PythonRivals> PythonRivals::run(std::string socket, std::string folder,
                                          std::string program, Millis duration) {
  const std::vector<std::string> nothing;
  if (program.empty()) program = python_program();
  if (program.empty()) co_return parse(nothing, "python3 is not installed");
  const std::string script = folder + "/redis_rivals.py";
  std::ofstream(script) << kRedisRivalsPython;
  const double seconds = std::chrono::duration<double>(duration).count();
  std::vector<std::string> arguments{"-B", script, socket, std::to_string(seconds)};
  const Millis limit = kProgramLimit + kPythonFigures * duration;
  const ProgramOutcome outcome = co_await run_program(program, std::move(arguments), limit);
  const std::string otherwise =
      outcome.failure.empty() ? "the script did not measure it" : outcome.failure;
  co_return parse(outcome.lines, otherwise);
}

PythonRivals PythonRivals::parse(const std::vector<std::string>& lines, std::string otherwise) {
  PythonRivals out;
  out.otherwise_ = std::move(otherwise);
  for (const std::string& line : lines) {
    error_code error;
    const json::value value = json::parse(line, error);
    if (error || !value.is_object()) continue;  // A warning of a package.
    const json::object& object = value.as_object();
    const auto text = [&object](std::string_view field) -> std::string {
      const json::value* found = object.if_contains(field);
      return found && found->is_string() ? std::string(found->as_string()) : std::string();
    };
    Rival rival = without(text("rival"), text("missing"));
    const json::value* per_s = object.if_contains("per_s");
    if (per_s && per_s->is_number()) rival.value = per_s->to_number<double>();
    out.rivals_[text("name")] = std::move(rival);
  }
  return out;
}

Rival PythonRivals::of(const std::string& operation) const {
  const auto found = rivals_.find(operation);
  return found == rivals_.end() ? without(kPythonName, otherwise_) : found->second;
}

}  // namespace seendr::lab
