// What our mails say, in English and French, as plain text and HTML. Pure.
//
// No mail shows a name that somebody chose: an address is only known to be the person's once they
// have followed a link, and until then anybody could have mail with their words sent to a stranger.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/mail/mail.hpp"

namespace seendr::app {

enum class MailLanguage { en, fr };

// The first of the person's languages that we write, else English.
MailLanguage mail_language(const std::vector<std::string>& languages);

// `public_url`: where people reach the server, "https://meet.example.org/", with or without the
// last slash. `token`: base64url. Both links lead to web/account.html.
Mail verification_mail(MailLanguage language, std::string to, std::string_view public_url,
                       std::string_view token);
Mail password_reset_mail(MailLanguage language, std::string to, std::string_view public_url,
                         std::string_view token);

// What is told of a notification of that kind; of one that is not known, that there is news.
std::string notice_line(MailLanguage language, std::string_view kind);

// `notices`: one line each, the newest first; of many the first 20 are shown.
Mail digest_mail(MailLanguage language, std::string to, std::string_view public_url,
                 const std::vector<std::string>& notices);

std::string html_escaped(std::string_view text);

}  // namespace seendr::app
