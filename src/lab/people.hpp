// The people whom the laboratory plays: from the file that `seendr seed` writes, or guests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/env.hpp"
#include "base/error.hpp"
#include "http/client.hpp"
#include "runtime/net.hpp"

namespace seendr::lab {

struct Person {
  std::string user;     // Id.
  std::string session;  // Value of the cookie `sessionid`.
  std::vector<std::string> languages;
  std::string region;
  std::vector<std::string> interests;  // Slugs.
};

// One person a line, `id TAB session TAB language[,language] TAB region TAB slug,slug,…`. Throws
// runtime_error that names the line when one is malformed.
std::vector<Person> parse_people(std::string_view text);

// The same from a file; throws runtime_error when it cannot be read.
std::vector<Person> read_people(const std::string& path);

// Signs in that many new guests with interests drawn from a few common ones. Throws runtime_error
// with the server's words when it refuses (limits.guest_address, say).
awaitable<std::vector<Person>> sign_in_guests(http::ClientTarget server, std::size_t count,
                                              Random& random);

// "http://127.0.0.1:8080" as an address to connect to. Throws runtime_error for anything but
// http:// with host and port.
http::ClientTarget parse_server(std::string_view url);

}  // namespace seendr::lab
