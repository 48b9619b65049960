// Finds the command and runs it.
#include <cstdio>

#include "app/app.hpp"
#include "cli/command.hpp"

int main(int argc, char** argv) {
  using namespace seendr;
  CLI::App program(
      "Seendr pairs strangers who share interests and puts each pair into a video call.", "seendr");
  program.require_subcommand(1);
  program.set_version_flag("--version", "seendr 0.1.0");
  int status = cli::kOk;
  cli::add_serve(program, status);
  cli::add_migrate(program, status);
  cli::add_seed(program, status);
  cli::add_config(program, status);
  cli::add_admin(program, status);
  cli::add_bench(program, status);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? cli::kOk : cli::kUsage;
  } catch (const app::ConfigError& error) {
    std::fprintf(stderr, "seendr: %s\n", what(error).c_str());
    return cli::kUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "seendr: %s\n", what(error).c_str());
    return cli::kFailed;
  }
  return status;
}
