// A mail as bytes: header, plain text and HTML in one multipart/alternative. Pure.
//
// Quoted-printable throughout, so that no server on the way needs an extension.
// Sources: RFC 5322 (header), RFC 2045 section 6.7 (quoted-printable), RFC 2047 (encoded words).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/mail/mail.hpp"

namespace seendr::app {

// Who a mail is from: "Seendr <no-reply@example.org>", or the address alone.
struct Sender {
  std::string name;
  std::string address;
};

std::optional<Sender> parse_sender(std::string_view text);

// Whether it can stand in a header and in a dialogue with a server: one @ with something on both
// sides; no blanks, control characters, angle brackets, quotes, commas.
bool is_mail_address(std::string_view text);

// Lines end with \r\n. `unique`: letters and digits that no other mail has. nullopt when a header
// would say more than one thing: a line break in the subject or a name, or no address to send to.
std::optional<std::string> compose_message(const Mail& mail, const Sender& from,
                                           std::int64_t wall_ms, std::string_view unique);

// The text as it may stand in a header: itself, or encoded words, folded.
std::string header_text(std::string_view text);

std::string quoted_printable(std::string_view text);

}  // namespace seendr::app
