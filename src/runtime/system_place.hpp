// The machine around a child process: which user runs it, where programs are, who is in a folder.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/env.hpp"

#include <sys/types.h>

namespace seendr {

// The system user a child runs as. Without `switches` it runs as the caller.
struct Identity {
  bool switches = false;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string user;
};

// For root: the first of `preferred` that exists on this system. For everybody else: no switch.
// Throws system_error when root finds none of them.
Identity unprivileged_identity(std::initializer_list<std::string_view> preferred);

// Whether, within `limit`, no process has `folder` as its working directory any more: services of a
// parent that was killed take a moment to end. Blocks.
bool left_by_all(const std::string& folder, Millis limit);

// The path of an executable: the first of PATH and the usual system directories that has `name`.
std::optional<std::string> find_program(std::string_view name);

}  // namespace seendr
