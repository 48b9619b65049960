#include "app/mail/message.hpp"

#include <algorithm>
#include <ctime>

#include "codec/text.hpp"

namespace seendr::app {

namespace {

constexpr std::size_t kLine = 76;       // Of quoted-printable, without the line break.
constexpr std::size_t kWordBytes = 42;  // Of text in an encoded word: 56 in base64, 68 in all.
constexpr std::string_view kHex = "0123456789ABCDEF";

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), is_control);
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

std::string date_text(std::int64_t wall_ms) {
  const std::time_t seconds = wall_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  return std::string(text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &parts));
}

std::string part(std::string_view type, std::string_view text) {
  return "Content-Type: " + std::string(type) +
         "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
         quoted_printable(text) + "\r\n";
}

std::string trimmed_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

}  // namespace

bool is_mail_address(std::string_view text) {
  const auto at = text.find('@');
  const bool shaped = at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
                      text.find('@', at + 1) == std::string_view::npos && text.size() <= 254;
  return shaped && one_line(text) && text.find_first_of(" <>\"(),:;\\[]") == std::string_view::npos;
}

std::optional<Sender> parse_sender(std::string_view text) {
  Sender sender;
  const auto open = text.find('<');
  if (open == std::string_view::npos) {
    sender.address = trimmed_blanks(text);
  } else {
    if (!text.ends_with('>')) return std::nullopt;
    sender.name = trimmed_blanks(text.substr(0, open));
    sender.address = text.substr(open + 1, text.size() - open - 2);
  }
  const bool fits = is_mail_address(sender.address) && one_line(sender.name) &&
                    sender.name.find_first_of("\"<>,") == std::string::npos;
  if (!fits) return std::nullopt;
  return sender;
}

std::string header_text(std::string_view text) {
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (plain && text.size() <= kLine && text.find("=?") == std::string_view::npos) {
    return std::string(text);
  }
  std::string out;
  while (!text.empty()) {
    std::size_t end = std::min(kWordBytes, text.size());
    while (end < text.size() && end > 1 && is_continuation(text[end])) --end;
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + to_base64(bytes(text.substr(0, end))) + "?=";
    text.remove_prefix(end);
  }
  return out;
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      out += "\r\n";
      column = 0;
      continue;
    }
    const bool last = i + 1 == text.size() || text[i + 1] == '\n';
    const bool blank = c == ' ' || c == '\t';
    const bool plain = (c > ' ' && c <= '~' && c != '=') || (blank && !last);
    if (column + (plain ? 1 : 3) > kLine - 1) {  // One column is kept for a soft break's "=".
      out += "=\r\n";
      column = 0;
    }
    if (plain) {
      out += c;
      column += 1;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'=', kHex[byte >> 4], kHex[byte & 15]};
      column += 3;
    }
  }
  return out;
}

std::optional<std::string> compose_message(const Mail& mail, const Sender& from,
                                           std::int64_t wall_ms, std::string_view unique) {
  const bool fits = is_mail_address(mail.to) && is_mail_address(from.address) &&
                    one_line(mail.subject) && one_line(from.name);
  if (!fits) return std::nullopt;
  const std::string domain = from.address.substr(from.address.find('@') + 1);
  const std::string id(unique);
  const std::string boundary = "part-" + id;
  const std::string author =
      from.name.empty() ? from.address : header_text(from.name) + " <" + from.address + ">";
  std::string out = "From: " + author + "\r\nTo: " + mail.to +
                    "\r\nSubject: " + header_text(mail.subject) +
                    "\r\nDate: " + date_text(wall_ms) + "\r\nMessage-ID: <" + id + "@" + domain +
                    ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                    "Content-Type: multipart/alternative;\r\n boundary=\"" +
                    boundary + "\"\r\n\r\n";
  out += "--" + boundary + "\r\n" + part("text/plain", mail.text);
  out += "--" + boundary + "\r\n" + part("text/html", mail.html);
  out += "--" + boundary + "--\r\n";
  return out;
}

}  // namespace seendr::app
