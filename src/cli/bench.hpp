// The benchmarks of `seendr bench`, each a command of its own, and what they share.
#pragma once

#include <filesystem>

#include "cli/command.hpp"

namespace seendr::cli {

void add_bench_http(CLI::App& bench, int& status);
void add_bench_match(CLI::App& bench, int& status);
void add_bench_redis(CLI::App& bench, int& status);
void add_bench_tasks(CLI::App& bench, int& status);

// A new directory in the system's temporary one that other users may enter. Throws runtime_error.
std::filesystem::path make_bench_folder();

// Runs a benchmark on an event loop of its own and returns its exit status; rethrows what it
// throws.
int run_bench(awaitable<int> body);

}  // namespace seendr::cli
