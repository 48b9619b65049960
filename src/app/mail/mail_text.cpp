#include "app/mail/mail_text.hpp"

#include <algorithm>

#include "app/accounts/notifications.hpp"

namespace seendr::app {

namespace {

constexpr std::size_t kMostNotices = 20;

struct Words {
  std::string_view subject;
  std::string_view lead;
  std::string_view link;  // What the link is called in HTML.
  std::string_view note;
};

constexpr Words kVerification[] = {
    {"Seendr: confirm your e-mail address",
     "An account was made at Seendr with this address. If it was you, confirm that it is yours:",
     "Confirm the address",
     "The link works once, and for 24 hours. If it was not you, you need not do anything."},
    {"Seendr : confirmez votre adresse e-mail",
     "Un compte a été créé sur Seendr avec cette adresse. Si c’est vous, confirmez qu’elle est la "
     "vôtre :",
     "Confirmer l’adresse",
     "Le lien fonctionne une seule fois, pendant 24 heures. Si ce n’est pas vous, vous n’avez rien "
     "à faire."},
};

constexpr Words kReset[] = {
    {"Seendr: a new password",
     "Somebody asked for a new password for your account at Seendr. If it was you, choose it here:",
     "Choose a new password",
     "The link works once, and for one hour. A new password signs you out everywhere. If it was "
     "not "
     "you, you need not do anything: your password stays as it is."},
    {"Seendr : un nouveau mot de passe",
     "Un nouveau mot de passe a été demandé pour votre compte Seendr. Si c’est vous, choisissez-le "
     "ici :",
     "Choisir un nouveau mot de passe",
     "Le lien fonctionne une seule fois, pendant une heure. Un nouveau mot de passe vous "
     "déconnecte "
     "partout. Si ce n’est pas vous, vous n’avez rien à faire : votre mot de passe reste le même."},
};

constexpr Words kDigest[] = {
    {"Seendr: what happened", "Since your last visit to Seendr:", "Open Seendr",
     "You get this mail because you asked for it in your account at Seendr; there you can end it, "
     "too."},
    {"Seendr : ce qui s’est passé", "Depuis votre dernière visite sur Seendr :", "Ouvrir Seendr",
     "Vous recevez ce message parce que vous l’avez demandé dans votre compte Seendr ; vous pouvez "
     "aussi y mettre fin."},
};

struct Notice {
  std::string_view kind;
  std::string_view lines[2];
};

constexpr Notice kNotices[] = {
    {notice::kEmailVerified,
     {"Your e-mail address is confirmed.", "Votre adresse e-mail est confirmée."}},
    {notice::kPasswordChanged, {"You have a new password.", "Vous avez un nouveau mot de passe."}},
    {"", {"There is news for you.", "Il y a du nouveau pour vous."}},  // Of any other kind.
};

const Words& words(const Words (&both)[2], MailLanguage language) {
  return both[language == MailLanguage::fr ? 1 : 0];
}

std::string_view greeting(MailLanguage language) {
  return language == MailLanguage::fr ? "Bonjour," : "Hello,";
}

std::string more(MailLanguage language, std::size_t count) {
  const std::string number = std::to_string(count);
  return language == MailLanguage::fr ? "et " + number + " de plus" : "and " + number + " more";
}

std::string link_to(std::string_view public_url, std::string_view path) {
  while (public_url.ends_with('/')) public_url.remove_suffix(1);
  return std::string(public_url) + "/" + std::string(path);
}

std::string paragraph(std::string_view text) {
  return "<p>" + html_escaped(text) + "</p>\n";
}

Mail write_mail(MailKind kind, MailLanguage language, std::string to, const Words& say,
                const std::string& link, const std::vector<std::string>& lines) {
  Mail mail;
  mail.kind = kind;
  mail.to = std::move(to);
  mail.subject = say.subject;
  mail.text = std::string(greeting(language)) + "\n\n" + std::string(say.lead) + "\n\n";
  for (const std::string& line : lines) mail.text += "- " + line + "\n";
  if (!lines.empty()) mail.text += "\n";
  mail.text += link + "\n\n" + std::string(say.note) + "\n";

  const std::string code = language == MailLanguage::fr ? "fr" : "en";
  mail.html = "<!doctype html>\n<html lang=\"" + code +
              "\">\n<head><meta charset=\"utf-8\"><title>" + html_escaped(say.subject) +
              "</title></head>\n<body>\n" + paragraph(greeting(language)) + paragraph(say.lead);
  if (!lines.empty()) {
    mail.html += "<ul>\n";
    for (const std::string& line : lines) mail.html += "<li>" + html_escaped(line) + "</li>\n";
    mail.html += "</ul>\n";
  }
  mail.html += "<p><a href=\"" + html_escaped(link) + "\">" + html_escaped(say.link) +
               "</a></p>\n" + paragraph(say.note) + "</body>\n</html>\n";
  return mail;
}

}  // namespace

MailLanguage mail_language(const std::vector<std::string>& languages) {
  for (const std::string& language : languages) {
    if (language == "en") return MailLanguage::en;
    if (language == "fr") return MailLanguage::fr;
  }
  return MailLanguage::en;
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Mail verification_mail(MailLanguage language, std::string to, std::string_view public_url,
                       std::string_view token) {
  const std::string link = link_to(public_url, "account.html#verify/" + std::string(token));
  return write_mail(MailKind::verification, language, std::move(to), words(kVerification, language),
                    link, {});
}

Mail password_reset_mail(MailLanguage language, std::string to, std::string_view public_url,
                         std::string_view token) {
  const std::string link = link_to(public_url, "account.html#reset/" + std::string(token));
  return write_mail(MailKind::password_reset, language, std::move(to), words(kReset, language),
                    link, {});
}

std::string notice_line(MailLanguage language, std::string_view kind) {
  const Notice* found = std::begin(kNotices);
  while (found->kind != kind && !found->kind.empty()) ++found;
  return std::string(found->lines[language == MailLanguage::fr ? 1 : 0]);
}

Mail digest_mail(MailLanguage language, std::string to, std::string_view public_url,
                 const std::vector<std::string>& notices) {
  const std::size_t shown = std::min(notices.size(), kMostNotices);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < shown; ++i) {
    std::string line = notices[i];
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    lines.push_back(std::move(line));
  }
  if (shown < notices.size()) lines.push_back(more(language, notices.size() - shown));
  return write_mail(MailKind::digest, language, std::move(to), words(kDigest, language),
                    link_to(public_url, ""), lines);
}

}  // namespace seendr::app
