// Connection strings of libpq: URIs and lists of key=value.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace seendr::postgres {

// The connection string with each parameter that it does not name already.
std::string with_defaults(std::string url,
                          const std::vector<std::pair<std::string, std::string>>& parameters);

// The URI of a database behind a unix socket in `socket_folder`.
std::string socket_url(std::string_view socket_folder, std::string_view user,
                       std::string_view database);

}  // namespace seendr::postgres
