// Where a Redis is and who we are there: redis://, rediss:// and unix:// URLs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace seendr::redis {

enum class Scheme { tcp, tls, unix_socket };

struct Url {
  Scheme scheme = Scheme::tcp;
  std::string host = "127.0.0.1";  // Without brackets when IPv6; unused for a unix socket.
  std::uint16_t port = 6379;
  std::string path;      // Of the unix socket.
  std::string user;      // Empty: the default user.
  std::string password;  // Empty: no AUTH is sent.
  int db = 0;
};

// redis://[[user]:password@]host[:port][/db], the same with rediss:// for TLS, and
// unix:///path[?db=N]. `user` (or `username`), `password` and `db` may also stand in the query.
// Percent-encoding is decoded. Returns Errc::bad_url for anything else.
result<Url> parse_url(std::string_view text);

// The URL again, with *** for the password; for logs.
std::string masked(const Url& url);

}  // namespace seendr::redis
