// `seendr bench match`: plays people who look for partners, and measures what they and Redis see.
//
// In a burst everybody who searches does so in the same moment. In an open loop searches start at a
// fixed rate whatever the answers, and each pair leaves after `call`. Limits that stand in the way
// (limits.matching, limits.connections_address, limits.guest_address) must be off at the servers.
#pragma once

#include <string>
#include <vector>

#include "base/env.hpp"
#include "lab/bench_report.hpp"
#include "lab/crowd.hpp"
#include "runtime/net.hpp"

namespace seendr::lab {

enum class Shape { burst, open_loop };

struct BenchMatchOptions {
  std::vector<std::string> servers;  // "http://127.0.0.1:8080"; people are spread over them.
  std::string users_file;            // Of `seendr seed`; empty: guests.
  std::string redis_url;             // Whose cost is measured; empty: none.
  std::vector<Manner> manners{Manner::article, Manner::standing};
  std::vector<Shape> shapes{Shape::burst, Shape::open_loop};
  std::size_t connected = 1000;  // People with a socket.
  std::size_t searching = 500;   // Of these, who search in a burst.
  double per_second = 100;       // Searches that start in an open loop.
  Millis duration{10'000};       // Of an open loop.
  Millis call{1000};             // Time a pair of an open loop stays together.
  Millis hold{2000};             // Time the pairs of a burst are watched, left alone.
  Millis limit{30'000};          // For the last match after the last search.
  bool json = false;             // One object a measurement on stdout, instead of a table.
};

// Runs each manner in each shape. Returns 0, or 1 when a violation was seen. Throws runtime_error
// or system_error with a sentence when people, servers or Redis are not there.
awaitable<int> run_bench_match(const Env& env, BenchMatchOptions options);

}  // namespace seendr::lab
