#include "lab/program.hpp"

#include <filesystem>
#include <memory>

#include "runtime/child_process.hpp"

namespace seendr::lab {

std::vector<std::string> program_variables() {
  return {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8"};
}

// What the child's thread writes is read after the child has ended.
awaitable<ProgramOutcome> run_program(std::string program, std::vector<std::string> arguments,
                                      Millis limit, std::vector<std::string> variables) {
  ProgramOutcome outcome;
  const auto lines = std::make_shared<std::vector<std::string>>();
  ChildOptions options;
  options.program = program;
  options.arguments = std::move(arguments);
  options.environment = program_variables();
  options.environment.insert(options.environment.end(), variables.begin(), variables.end());
  options.on_line = [lines](std::string_view line) {
    lines->emplace_back(line);
  };
  ChildProcess child = ChildProcess::start(std::move(options));
  const bool ended = co_await child.ended(limit);
  if (!ended) {
    outcome.failure = program + " did not end in time";
    co_return outcome;
  }
  outcome.lines = *lines;
  if (child.exit_status() != 0) {
    outcome.failure = program + " failed";
    if (!outcome.lines.empty()) outcome.failure += ": " + outcome.lines.back();
  }
  co_return outcome;
}

std::string python_program() {
  if (std::filesystem::exists("/usr/bin/python3")) return "/usr/bin/python3";
  return find_program("python3").value_or("");
}

}  // namespace seendr::lab
