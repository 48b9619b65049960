// Connection URIs of libpq. Source: PostgreSQL's manual, Connection URIs.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace seendr::postgres {

// Whether libpq takes it, and as a URI: what it does not take, its messages repeat with the
// password.
bool is_uri(const std::string& text);

// The URI with each parameter that it does not name already.
std::string with_defaults(std::string url,
                          const std::vector<std::pair<std::string, std::string>>& parameters);

// The URI of a database behind a unix socket in `socket_folder`.
std::string socket_url(std::string_view socket_folder, std::string_view user,
                       std::string_view database);

}  // namespace seendr::postgres
