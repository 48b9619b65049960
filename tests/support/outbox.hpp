// Reads the mails that a server without a mail server has written.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "codec/text.hpp"
#include "support/golden.hpp"

namespace seendr::test {

struct WrittenMail {
  std::string to;
  std::string subject;  // As in the header, maybe encoded.
  std::string text;     // The plain part, decoded, lines end with \n.
};

// Quoted-printable (RFC 2045 section 6.7) back to text.
inline std::string from_quoted_printable(const std::string& encoded) {
  std::string out;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] == '\r') continue;
    if (encoded[i] != '=') {
      out += encoded[i];
    } else if (encoded.compare(i + 1, 2, "\r\n") == 0) {
      i += 2;
    } else {
      std::string digits = encoded.substr(i + 1, 2);
      std::transform(digits.begin(), digits.end(), digits.begin(), [](char c) {
        return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
      });
      out += from_hex(digits).value_or("?");
      i += 2;
    }
  }
  return out;
}

// What follows `start` up to `end`.
inline std::string between(const std::string& text, const std::string& start,
                           const std::string& end) {
  const std::size_t at = text.find(start);
  if (at == std::string::npos) return "";
  const std::size_t from = at + start.size();
  return text.substr(from, text.find(end, from) - from);
}

// All mails to that address, the oldest first.
inline std::vector<WrittenMail> written_mails(const std::string& folder, const std::string& to) {
  std::vector<std::string> paths;
  std::error_code none_yet;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none_yet)) {
    if (entry.path().filename().string().starts_with('.')) continue;
    paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<WrittenMail> mails;
  for (const std::string& path : paths) {
    const std::string file = read_file(path);
    WrittenMail mail;
    mail.to = between(file, "\r\nTo: ", "\r\n");
    mail.subject = between(file, "\r\nSubject: ", "\r\nDate:");
    const std::string part = between(file, "Content-Type: text/plain", "\r\n--part-");
    mail.text =
        from_quoted_printable(part.substr(std::min(part.size(), part.find("\r\n\r\n") + 4)));
    if (mail.to == to) mails.push_back(std::move(mail));
  }
  return mails;
}

}  // namespace seendr::test
