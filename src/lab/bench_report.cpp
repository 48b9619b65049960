#include "lab/bench_report.hpp"

#include <algorithm>
#include <cstdio>

#include "base/json.hpp"

namespace seendr::lab {
namespace {

constexpr double kMicrosPerMilli = 1000;
constexpr std::size_t kShownViolations = 20;

template <class... Args>
std::string line(const char* format, Args... args) {
  char buffer[256];
  const int length = std::snprintf(buffer, sizeof buffer, format, args...);
  return std::string(buffer, std::min<std::size_t>(static_cast<std::size_t>(length), 255)) + '\n';
}

std::string row(const char* label, const Quantiles& q) {
  return line("  %-24s p50 %9.2f   p90 %9.2f   p99 %9.2f   max %9.2f ms", label, q.p50, q.p90,
              q.p99, q.max);
}

double per_pair(const BenchResult& result, double value) {
  return value / static_cast<double>(std::max<std::size_t>(1, result.pairs));
}

// The commands that came most often, each with its number a match.
std::string top_commands(const BenchResult& result) {
  std::vector<std::pair<std::uint64_t, std::string>> sorted;
  for (const auto& [name, count] : result.redis->calls) sorted.emplace_back(count, name);
  std::sort(sorted.rbegin(), sorted.rend());
  std::string out;
  for (std::size_t i = 0; i < std::min<std::size_t>(6, sorted.size()); ++i) {
    const double each = per_pair(result, static_cast<double>(sorted[i].first));
    char buffer[96];
    std::snprintf(buffer, sizeof buffer, "  %s %.2f", sorted[i].second.c_str(), each);
    out += buffer;
  }
  return out;
}

class Lines {
 public:
  explicit Lines(const BenchResult& result) : result_(result) {}

  void add(const std::string& suffix, const std::string& measure, double value,
           std::string_view unit) {
    const std::string size = std::to_string(result_.size);
    const json::object against{{"connected", result_.connected}, {"servers", result_.servers}};
    const json::object object{
        {"name", "match." + result_.what + suffix + "." + size + "." + measure},
        {"value", value},
        {"unit", unit},
        {"against", against}};
    text_ += json::serialize(object) + '\n';
  }
  void add(const std::string& suffix, const Quantiles& q) {
    add(suffix, "p50", q.p50, "ms");
    add(suffix, "p90", q.p90, "ms");
    add(suffix, "p99", q.p99, "ms");
    add(suffix, "max", q.max, "ms");
  }
  std::string take() { return std::move(text_); }

 private:
  const BenchResult& result_;
  std::string text_;
};

}  // namespace

void add_times(const Witness& witness, BenchResult& result) {
  std::vector<double> first;
  std::vector<double> second;
  std::vector<double> wait;
  Micros begin = 0;
  Micros end = 0;
  for (const PairTimes& pair : witness.pairs()) {
    first.push_back(static_cast<double>(pair.first_us - pair.searched_us) / kMicrosPerMilli);
    second.push_back(static_cast<double>(pair.second_us - pair.searched_us) / kMicrosPerMilli);
    end = std::max(end, pair.second_us);
    begin = begin == 0 ? pair.searched_us : std::min(begin, pair.searched_us);
  }
  for (const Micros waited : witness.waits()) {
    wait.push_back(static_cast<double>(waited) / kMicrosPerMilli);
  }
  result.pairs = first.size();
  result.unmatched = result.searches - std::min(result.searches, wait.size());
  result.seconds = static_cast<double>(end - begin) / 1e6;
  result.first_ms = quantiles(std::move(first));
  result.second_ms = quantiles(std::move(second));
  result.wait_ms = quantiles(std::move(wait));
}

std::string table(const BenchResult& result) {
  std::string out =
      line("%s.%zu: %zu searches among %zu connected on %zu servers", result.what.c_str(),
           result.size, result.searches, result.connected, result.servers);
  out += line("  %zu pairs in %.2f s, %zu searches without a partner", result.pairs, result.seconds,
              result.unmatched);
  out += row("to match_found, one side", result.first_ms);
  out += row("to match_found, both", result.second_ms);
  out += row("wait of each searcher", result.wait_ms);
  if (result.redis) {
    out += line("  Redis a match: %.1f commands, %.0f us of CPU;%s",
                per_pair(result, static_cast<double>(result.redis->total())),
                per_pair(result, result.redis->cpu_us), top_commands(result).c_str());
  }
  for (const auto& [what, count] : result.troubles) {
    out += line("  trouble: %s, %zu times", what.c_str(), count);
  }
  out += line("  violations: %zu", result.violations.size());
  for (std::size_t i = 0; i < std::min(kShownViolations, result.violations.size()); ++i) {
    const Violation& violation = result.violations[i];
    out += line("    %s in room %s: %s", std::string(name(violation.defect)).c_str(),
                violation.room.c_str(), violation.detail.c_str());
  }
  return out;
}

std::string json_lines(const BenchResult& result) {
  Lines lines(result);
  lines.add("_first", result.first_ms);
  lines.add("_both", result.second_ms);
  lines.add("_wait", result.wait_ms);
  if (result.seconds > 0) {
    const double rate = static_cast<double>(result.pairs) / result.seconds;
    lines.add("_pairs", "per_s", rate, "1/s");
  }
  if (result.redis) {
    const double calls = static_cast<double>(result.redis->total());
    lines.add("_redis_commands", "mean", per_pair(result, calls), "commands/match");
    lines.add("_redis_cpu", "mean", per_pair(result, result.redis->cpu_us), "us/match");
  }
  lines.add("_unmatched", "count", static_cast<double>(result.unmatched), "people");
  lines.add("_violations", "count", static_cast<double>(result.violations.size()), "violations");
  return lines.take();
}

}  // namespace seendr::lab
