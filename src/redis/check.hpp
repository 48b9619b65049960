// Turns error replies of a pipeline into exceptions, for callers that cannot go on with one.
#pragma once

#include <vector>

#include "redis/error.hpp"
#include "redis/reply.hpp"

namespace seendr::redis {

inline void throw_if_error(const Reply& reply) {
  if (reply.is_error()) throw ServerError(reply.error_text());
}

inline void throw_if_error(const std::vector<Reply>& replies) {
  for (const Reply& reply : replies) throw_if_error(reply);
}

}  // namespace seendr::redis
