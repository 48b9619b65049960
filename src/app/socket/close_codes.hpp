// The close codes of protocol.md 1.6 that the application gives; the layer below has its own.
#pragma once

#include <cstdint>

namespace seendr::app::close_code {

enum : std::uint16_t {
  session_ended = 4009,
  too_many_requests = 4013,
  overloaded = 4029,
  unauthorized = 4501,
  bad_protocol = 4502,
  banned = 4503,
  too_many_connections = 4504,
  replaced = 4506,
  signed_out = 4507,
};

}  // namespace seendr::app::close_code
