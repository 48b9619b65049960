// Hands one message to a mail server, through libcurl.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "app/mail/mail.hpp"
#include "base/env.hpp"

namespace seendr::app {

enum class SmtpSecurity {
  starttls,  // Begins in clear, and goes on only under TLS.
  tls,       // TLS from the first byte.
  none,
};

struct SmtpOptions {
  std::string host;
  std::uint16_t port = 587;
  SmtpSecurity security = SmtpSecurity::starttls;
  std::string user;  // Empty: without signing in.
  std::string password;
  std::string ca_file;  // Certificates to trust; empty: the system's.
  Millis connect_timeout{10'000};
  Millis timeout{30'000};  // Of the whole delivery.
};

// `message`: RFC 5322, with \r\n. Permanent when the server refused the recipient or the content by
// a reply of 5xx; temporary for all else, also when the server does not want us (greeting,
// certificate, sign-in, sender). Servers say that they do not want us as late as at the recipient:
// there a status of 5.7 (RFC 3463: security or policy) is temporary, and what speaks of relaying.
// The address is useless by a status of 5.1 or none. The reason does not have the recipient's
// address. It is cut off within a second once `stop` returns true, which is asked on this thread.
// Blocks; may be called from any thread.
Delivery send_by_smtp(const SmtpOptions& options, const std::string& from, const std::string& to,
                      const std::string& message, const std::function<bool()>& stop);

}  // namespace seendr::app
