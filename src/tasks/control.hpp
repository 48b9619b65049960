// Celery's remote control ("pidbox"): what is told to all workers at once. Pure.
//
// Format: docs/tasks.md, docs/wire-formats.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.hpp"
#include "base/json.hpp"

namespace seendr::tasks {

struct ControlRequest {
  std::string method;  // "revoke"
  json::object arguments;
};

// The pub/sub channel of the workers of one database.
std::string control_channel(int database);

// What is published there, to every worker and without an answer.
std::string encode_control(const ControlRequest& request, Random& random);

// nullopt for what is not such a request.
std::optional<ControlRequest> decode_control(std::string_view envelope);

// The tasks that a request revokes; none when it asks for something else.
std::vector<std::string> revoked_by(const ControlRequest& request);

}  // namespace seendr::tasks
