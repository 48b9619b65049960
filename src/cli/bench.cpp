#include "cli/bench.hpp"

#include <cstdlib>
#include <stdexcept>

#include <sys/stat.h>

namespace seendr::cli {

std::filesystem::path make_bench_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "seendr-bench-XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("cannot make a directory in /tmp");
  chmod(name.c_str(), 0711);  // Services may run as users of their own, below it.
  return name;
}

int run_bench(awaitable<int> body) {
  net::io_context io{1};
  int status = kFailed;
  std::exception_ptr failure;
  net::co_spawn(io, std::move(body), [&](std::exception_ptr error, int value) {
    failure = error;
    status = value;
  });
  io.run();
  if (failure) std::rethrow_exception(failure);
  return status;
}

void add_bench(CLI::App& program, int& status) {
  CLI::App& bench = *program.add_subcommand("bench", "Measurements, for ./dev bench");
  bench.require_subcommand(1);
  add_bench_http(bench, status);
  add_bench_match(bench, status);
  add_bench_redis(bench, status);
  add_bench_tasks(bench, status);
}

}  // namespace seendr::cli
