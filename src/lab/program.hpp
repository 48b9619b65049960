// Other programs that a benchmark runs to their end and reads.
#pragma once

#include <string>
#include <vector>

#include "base/env.hpp"
#include "runtime/net.hpp"

namespace seendr::lab {

struct ProgramOutcome {
  std::vector<std::string> lines;  // stdout and stderr.
  std::string failure;             // Empty when it ended well in time.
};

// `program`: a path. `variables`: "KEY=value", besides PATH and a locale. What does not end within
// `limit` is killed. Throws system_error when it cannot be started.
awaitable<ProgramOutcome> run_program(std::string program, std::vector<std::string> arguments,
                                      Millis limit, std::vector<std::string> variables = {});

// The distribution's interpreter, which knows the distribution's packages, or else the first of
// PATH; empty when there is none.
std::string python_program();

// What every such program gets.
std::vector<std::string> program_variables();

}  // namespace seendr::lab
