// The one table of failed dependencies: what they look like over HTTP and on a socket.
#pragma once

#include <optional>

#include "base/error.hpp"
#include "http/message.hpp"

namespace seendr::app {

// Status, the protocol's code and a sentence; nullopt: a bug of ours, 500 `internal`.
std::optional<http::Problem> map_error(const system_error& error);

}  // namespace seendr::app
