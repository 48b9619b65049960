// The one table of errors: what failed dependencies look like over HTTP and on a socket, and why a
// picture was refused.
#pragma once

#include <optional>

#include "base/error.hpp"
#include "http/message.hpp"

namespace seendr::app {

// Status, the protocol's code and a sentence; nullopt: a bug of ours, 500 `internal`.
std::optional<http::Problem> map_error(const system_error& error);

// Why a picture was refused: for what make_avatar returned.
http::Problem avatar_refusal(error_code code);

}  // namespace seendr::app
