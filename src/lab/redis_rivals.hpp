// The programs that `seendr bench redis` is compared with: redis-benchmark, and the Python packages
// that the blocks stand for. Each runs as a child process on the Redis that is measured.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.hpp"
#include "lab/measurement.hpp"
#include "runtime/net.hpp"

namespace seendr::lab {

struct RedisBenchmark {
  std::string socket;              // Of the Redis.
  std::size_t pipelining = 1;      // Commands on their way at once, on one connection.
  std::size_t requests = 100'000;  // In all.
  std::vector<std::string> words;  // The command.
};

// Requests a second. What cannot be measured is missing in the result, with the reason.
awaitable<Rival> run_redis_benchmark(RedisBenchmark options);

// From the output of `redis-benchmark --csv`; nullopt when there is no figure in it.
std::optional<double> parse_redis_benchmark(const std::vector<std::string>& lines);

// Runs redis_rivals.py, which measures each operation for `duration`. By operation: "get", "set",
// "evalsha", "cache_hit", "limiter", "ranking_increment", "group_send".
class PythonRivals {
 public:
  // `folder`: where the script is put; it is the caller's to remove. `program`: an interpreter;
  // empty: the distribution's, or else the first of PATH.
  static awaitable<PythonRivals> run(std::string socket, std::string folder, std::string program,
                                     Millis duration);

  // From the lines of the script; what it did not name is missing because of `otherwise`.
  static PythonRivals parse(const std::vector<std::string>& lines, std::string otherwise);

  Rival of(const std::string& operation) const;

 private:
  std::map<std::string, Rival> rivals_;
  std::string otherwise_;
};

}  // namespace seendr::lab
