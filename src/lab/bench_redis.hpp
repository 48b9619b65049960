// `seendr bench redis`: what the client and the blocks over Redis get done in a second, beside
// redis-benchmark and the Python packages they stand for, on one Redis and in one run.
//
// The size in a name is how many callers there are at once, each of whom waits for the answer; all
// of them share one connection, so that it is also how many commands are on their way. Of
// get_pipeline and the like it is how many commands one caller sends together, which is exactly
// what redis-benchmark does; of group_send it is the number of members, each of whom gets the
// message before the next is sent.
#pragma once

#include <string>

#include "base/env.hpp"
#include "runtime/net.hpp"

namespace seendr::lab {

struct BenchRedisOptions {
  std::string socket;     // Of a Redis that may be filled.
  std::string folder;     // Where the Python script is put.
  std::string python;     // An interpreter; empty: the distribution's.
  Millis duration{3000};  // Of each measurement.
  bool json = false;      // One object a measurement on stdout, instead of a table.
};

// Prints each measurement when it is made. Returns 0. Throws system_error or runtime_error when
// something does not work; a rival that is not installed is only said to be missing.
awaitable<int> run_bench_redis(const Env& env, BenchRedisOptions options);

}  // namespace seendr::lab
