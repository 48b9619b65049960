#include "app/mail/mail_text.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "app/accounts/notifications.hpp"
#include "codec/text.hpp"

namespace seendr::app {
namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(MailText, WritesInThePersonsFirstLanguageThatWeSpeak) {
  EXPECT_EQ(mail_language({"en", "fr"}), MailLanguage::en);
  EXPECT_EQ(mail_language({"fr", "en"}), MailLanguage::fr);
  EXPECT_EQ(mail_language({"de", "fr"}), MailLanguage::fr);
  EXPECT_EQ(mail_language({"de"}), MailLanguage::en);
  EXPECT_EQ(mail_language({}), MailLanguage::en);
}

TEST(MailText, PutsTheLinkIntoBothForms) {
  for (const char* url : {"https://meet.example.org", "https://meet.example.org/"}) {
    const Mail verify = verification_mail(MailLanguage::en, "ada@example.org", url, "T0k-_");
    const std::string link = "https://meet.example.org/account.html#verify/T0k-_";
    EXPECT_TRUE(contains(verify.text, "\n" + link + "\n")) << verify.text;
    EXPECT_TRUE(contains(verify.html, "<a href=\"" + link + "\">")) << verify.html;
    const Mail reset = password_reset_mail(MailLanguage::fr, "ada@example.org", url, "T0k-_");
    EXPECT_TRUE(contains(reset.text, "\nhttps://meet.example.org/account.html#reset/T0k-_\n"));
    EXPECT_EQ(reset.to, "ada@example.org");
    EXPECT_EQ(reset.kind, MailKind::password_reset);
  }
}

TEST(MailText, SaysEverythingInBothLanguages) {
  const auto all = [](MailLanguage language) {
    const std::string url = "https://meet.example.org";
    return std::vector<Mail>{verification_mail(language, "a@b.c", url, "t"),
                             password_reset_mail(language, "a@b.c", url, "t"),
                             digest_mail(language, "a@b.c", url, {"x"})};
  };
  const std::vector<Mail> english = all(MailLanguage::en);
  const std::vector<Mail> french = all(MailLanguage::fr);
  for (std::size_t i = 0; i < english.size(); ++i) {
    EXPECT_NE(english[i].subject, french[i].subject);
    EXPECT_TRUE(english[i].text.starts_with("Hello,\n\n"));
    EXPECT_TRUE(french[i].text.starts_with("Bonjour,\n\n"));
    EXPECT_TRUE(contains(english[i].html, "<html lang=\"en\">"));
    EXPECT_TRUE(contains(french[i].html, "<html lang=\"fr\">"));
    for (const Mail* mail : {&english[i], &french[i]}) {
      EXPECT_TRUE(is_utf8(mail->subject + mail->text + mail->html));
      EXPECT_EQ(mail->subject.find_first_of("\r\n"), std::string::npos);
      EXPECT_TRUE(mail->text.ends_with('\n'));
    }
  }
}

TEST(MailText, EscapesWhatComesFromPeople) {
  const std::string nasty = "<script>alert('x') & \"y\"</script>";
  const Mail mail = digest_mail(MailLanguage::en, "a@b.c", "https://x.org", {nasty, "two\nlines"});
  EXPECT_FALSE(contains(mail.html, "<script>"));
  EXPECT_TRUE(contains(
      mail.html, "<li>&lt;script&gt;alert(&#39;x&#39;) &amp; &quot;y&quot;&lt;/script&gt;</li>"));
  EXPECT_TRUE(contains(mail.text, "- " + nasty + "\n"));
  EXPECT_TRUE(contains(mail.text, "- two lines\n"));
}

TEST(MailText, ShowsTwentyNoticesAndCountsTheRest) {
  const std::vector<std::string> notices(27, "somebody waved");
  const Mail english = digest_mail(MailLanguage::en, "a@b.c", "https://x.org", notices);
  const Mail french = digest_mail(MailLanguage::fr, "a@b.c", "https://x.org", notices);
  EXPECT_EQ(std::count(english.text.begin(), english.text.end(), '-'), 21);
  EXPECT_TRUE(contains(english.text, "- and 7 more\n"));
  EXPECT_TRUE(contains(french.html, "<li>et 7 de plus</li>"));
}

TEST(MailText, HasALineForEachKindOfNotificationAndOneForNewerOnes) {
  const std::string_view kinds[] = {notice::kEmailVerified, notice::kPasswordChanged, "newer"};
  std::set<std::string> lines;
  for (const std::string_view kind : kinds) {
    lines.insert(notice_line(MailLanguage::en, kind));
    lines.insert(notice_line(MailLanguage::fr, kind));
  }
  EXPECT_EQ(lines.size(), 6U);
  EXPECT_EQ(notice_line(MailLanguage::en, ""), notice_line(MailLanguage::en, "newer"));
}

}  // namespace
}  // namespace seendr::app
