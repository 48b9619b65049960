// Turns what a crowd saw into measurements, and measurements into text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/crowd.hpp"
#include "lab/quantiles.hpp"
#include "lab/redis_cost.hpp"
#include "lab/witness.hpp"

namespace seendr::lab {

// One run of one manner and shape.
struct BenchResult {
  std::string what;      // "article_burst".
  std::size_t size = 0;  // Searches at once, or a second.
  std::size_t searches = 0;
  std::size_t connected = 0;
  std::size_t servers = 0;
  std::size_t pairs = 0;
  std::size_t unmatched = 0;  // Searches that found nobody.
  double seconds = 0;         // From the first search to the last match.
  Quantiles first_ms;         // From the later search of a pair until one side was told...
  Quantiles second_ms;        // ...and until both were.
  Quantiles wait_ms;          // From each person's own search until they were told.
  std::optional<RedisCost> redis;
  std::vector<Violation> violations;
  std::map<std::string, std::size_t> troubles;
};

// Fills in what the witness knows. `result.searches` must be set.
void add_times(const Witness& witness, BenchResult& result);

// Lines for people, each with its end of line.
std::string table(const BenchResult& result);

// One JSON object a line: name, value, unit, against (cli.md 7).
std::string json_lines(const BenchResult& result);

}  // namespace seendr::lab
