// One mail as the application means it, and what became of it.
#pragma once

#include <string>
#include <string_view>

namespace seendr::app {

enum class MailKind { verification, password_reset, digest };

constexpr std::string_view name(MailKind kind) {
  switch (kind) {
    case MailKind::verification:
      return "verification";
    case MailKind::password_reset:
      return "password_reset";
    default:
      return "digest";
  }
}

struct Mail {
  std::string to;       // One address, bare.
  std::string subject;  // UTF-8, one line.
  std::string text;     // UTF-8; lines end with \n. The same in two forms: the reader shows one.
  std::string html;
  MailKind kind = MailKind::verification;
};

// `temporary`: the same mail may pass later. `permanent`: it never will.
struct Delivery {
  enum class Kind { sent, temporary, permanent };
  Kind kind = Kind::sent;
  std::string reason;  // One line for the log; empty when sent. Never a password.
  // When permanent: no other mail to the address will pass either, as far as is known.
  bool is_address_useless = true;
};

constexpr std::string_view name(Delivery::Kind kind) {
  switch (kind) {
    case Delivery::Kind::sent:
      return "sent";
    case Delivery::Kind::temporary:
      return "temporary";
    default:
      return "permanent";
  }
}

}  // namespace seendr::app
