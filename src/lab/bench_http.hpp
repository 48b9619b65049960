// `seendr bench http`: what a running server answers a second, page by page.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/env.hpp"
#include "runtime/net.hpp"

namespace seendr::lab {

struct BenchHttpOptions {
  std::string server;                           // "http://127.0.0.1:8080".
  std::vector<std::size_t> connections{1, 32};  // How many ask at once, each one after the other.
  Millis duration{3000};                        // Of each measurement.
  bool json = false;                            // One object a measurement, instead of a table.
};

// Asks for /healthz, a static page, and the cached profile of an account that it makes: as somebody
// unknown, whom the memory of the process answers, and as somebody who is signed in, for whom the
// cache Redis is asked. Prints for each and each number of connections answers a second and the
// 99th percentile. Returns 0. Throws runtime_error or system_error with a sentence when the server
// does not answer as it must; the limit limits.connections_address must let all connections in.
awaitable<int> run_bench_http(BenchHttpOptions options);

}  // namespace seendr::lab
