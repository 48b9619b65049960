// Finds the command and runs it.
#include <cstdio>

#include "app/app.hpp"
#include "cli/command.hpp"

int main(int argc, char** argv) {
  using namespace seendr;
  CLI::App program;
  int status = cli::kOk;
  cli::add_commands(program, status);
  if (const auto word = cli::unknown_word(program, std::span(argv, argv + argc).subspan(1))) {
    std::fprintf(stderr, "seendr: there is no command \"%s\"; seendr --help lists them\n",
                 word->c_str());
    return cli::kUsage;
  }
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
