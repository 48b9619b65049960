#include "app/mail/message.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "codec/text.hpp"

namespace seendr::app {
namespace {

constexpr std::int64_t kNewYear = 1'767'225'600'000;  // 2026-01-01T00:00:00Z

const Sender kSeendr{"Seendr", "no-reply@example.org"};

Mail mail_to(std::string to, std::string subject = "Hello") {
  return Mail{std::move(to), std::move(subject), "Plain words\n", "<p>Marked words</p>\n",
              MailKind::verification};
}

TEST(MailMessage, HasBothFormsUnderOneHeader) {
  const auto message = compose_message(mail_to("ada@example.org"), kSeendr, kNewYear, "u1");
  ASSERT_TRUE(message);
  EXPECT_TRUE(
      message->starts_with("From: Seendr <no-reply@example.org>\r\n"
                           "To: ada@example.org\r\n"
                           "Subject: Hello\r\n"
                           "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
                           "Message-ID: <u1@example.org>\r\n"))
      << *message;
  const std::size_t text = message->find("Content-Type: text/plain; charset=utf-8");
  const std::size_t html = message->find("Content-Type: text/html; charset=utf-8");
  EXPECT_LT(text, message->find("Plain words"));
  EXPECT_LT(html, message->find("<p>Marked words</p>"));
  EXPECT_LT(text, html) << "the better form comes last (RFC 2046 section 5.1.4)";
  EXPECT_TRUE(message->ends_with("--part-u1--\r\n"));
}

TEST(MailMessage, HasNoLineThatEndsInLessThanCrLf) {
  Mail mail = mail_to("ada@example.org");
  mail.text = std::string(500, 'x') + "\n\nÉté\n";
  const auto message = compose_message(mail, kSeendr, kNewYear, "u1");
  ASSERT_TRUE(message);
  std::istringstream lines(*message);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(line.ends_with('\r')) << line;
    EXPECT_LE(line.size(), 79u) << line;
  }
}

TEST(MailMessage, RefusesWhatWouldAddAHeader) {
  EXPECT_FALSE(compose_message(mail_to("ada@example.org\r\nBcc: b@example.org"), kSeendr, 0, "u"));
  EXPECT_FALSE(compose_message(mail_to("ada@example.org\nBcc:b@example.org"), kSeendr, 0, "u"));
  EXPECT_FALSE(compose_message(mail_to("ada@example.org", "Hi\r\nBcc: b@x"), kSeendr, 0, "u"));
  EXPECT_FALSE(compose_message(mail_to("ada@example.org", "Hi\nBcc: b@x"), kSeendr, 0, "u"));
  const Sender forged{"Seendr\r\nBcc: b@example.org", "no-reply@example.org"};
  EXPECT_FALSE(compose_message(mail_to("ada@example.org"), forged, 0, "u"));
}

TEST(MailMessage, WritesToOneAddressOnly) {
  for (const char* text : {"", "ada", "@example.org", "ada@", "a@b@c", "ada@x.org,bob@x.org",
                           "Ada <ada@x.org>", "ada @x.org", "ada@x.org>", "ada@x.org\t"}) {
    EXPECT_FALSE(is_mail_address(text)) << text;
  }
  EXPECT_FALSE(is_mail_address(std::string(250, 'a') + "@x.org"));
  for (const char* text : {"ada@example.org", "o'brien+tag@example.org", "ä@exämple.org"}) {
    EXPECT_TRUE(is_mail_address(text)) << text;
  }
}

TEST(MailMessage, ReadsASenderWithAndWithoutAName) {
  const auto named = parse_sender("Seendr at home <no-reply@example.org>");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->name, "Seendr at home");
  EXPECT_EQ(named->address, "no-reply@example.org");
  const auto bare = parse_sender(" no-reply@example.org ");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->name, "");
  EXPECT_EQ(bare->address, "no-reply@example.org");
  for (const char* text : {"", "Seendr", "<>", "Seendr <no-reply>", "Seendr <a@b.c> x",
                           "A\nB <a@b.c>", "\"A <a@b.c>"}) {
    EXPECT_FALSE(parse_sender(text)) << text;
  }
}

TEST(HeaderText, LeavesPlainTextAsItIs) {
  EXPECT_EQ(header_text("Seendr: a new password"), "Seendr: a new password");
}

TEST(HeaderText, EncodesTheRestInWordsThatFitALineAndDecodeAlone) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "é€𝄞";
  std::istringstream lines(header_text(text));
  std::string decoded;
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!decoded.empty()) {
      EXPECT_TRUE(line.starts_with(' ')) << "a folded line";
      line.erase(0, 1);
    }
    EXPECT_LE(line.size(), 75u) << "RFC 2047 section 2";
    ASSERT_TRUE(line.starts_with("=?UTF-8?B?") && line.ends_with("?=")) << line;
    const auto word = from_base64(line.substr(10, line.size() - 12));
    ASSERT_TRUE(word);
    EXPECT_TRUE(is_utf8(*word)) << "no character is cut in two";
    decoded += *word;
  }
  EXPECT_EQ(decoded, text);
}

TEST(HeaderText, EncodesWhatOnlyLooksEncoded) {
  EXPECT_TRUE(header_text("=?UTF-8?B?AAAA?=").starts_with("=?UTF-8?B?PT9V"));
}

TEST(QuotedPrintable, KeepsTextAndEscapesTheRest) {
  EXPECT_EQ(quoted_printable("a=b\n"), "a=3Db\r\n");
  EXPECT_EQ(quoted_printable("é\r"), "=C3=A9=0D");
  EXPECT_EQ(quoted_printable("end \nx\t"), "end=20\r\nx=09");
  EXPECT_EQ(quoted_printable("a b\tc"), "a b\tc");
}

TEST(QuotedPrintable, BreaksLongLinesSoftlyAndInNoEscape) {
  const std::string encoded = quoted_printable(std::string(100, 'x') + std::string(100, '='));
  std::istringstream lines(encoded);
  std::string joined;
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    EXPECT_LE(line.size(), 76u);
    if (line.ends_with('=')) line.pop_back();
    joined += line;
  }
  std::string expected(100, 'x');
  for (int i = 0; i < 100; ++i) expected += "=3D";
  EXPECT_EQ(joined, expected);
}

}  // namespace
}  // namespace seendr::app
