#include "app/settings/work_config.hpp"

#include <gtest/gtest.h>

namespace seendr::app {
namespace {

Settings settings_of(const Settings::Pairs& flags) {
  return Settings::load({}, "", flags);
}

std::string mail_refusal(Settings::Pairs flags) {
  flags.emplace("mail.host", "mail.example.org");
  flags.emplace("mail.from", "Seendr <no-reply@example.org>");
  try {
    mail_options(settings_of(flags), "/data");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(MailConfig, WritesToTheDataFolderWhenThereIsNoServer) {
  const MailOptions usual = mail_options(settings_of({}), "/var/lib/seendr");
  EXPECT_FALSE(usual.smtp);
  EXPECT_EQ(usual.outbox, "/var/lib/seendr/outbox");
  EXPECT_TRUE(is_mail_address(usual.from.address));
  EXPECT_EQ(mail_options(settings_of({{"mail.outbox_dir", "/tmp/mails"}}), "/data").outbox,
            "/tmp/mails");
  EXPECT_EQ(mail_options(settings_of({}), "").outbox, "");
}

TEST(MailConfig, TakesAServerWithStarttlsUnlessToldOtherwise) {
  const MailOptions options = mail_options(settings_of({{"mail.host", "mail.example.org"},
                                                        {"mail.from", "no-reply@example.org"},
                                                        {"mail.user", "seendr"},
                                                        {"mail.password", "open sesame"},
                                                        {"mail.timeout_ms", "1234"}}),
                                           "/data");
  ASSERT_TRUE(options.smtp);
  EXPECT_EQ(options.from.address, "no-reply@example.org");
  EXPECT_EQ(options.smtp->host, "mail.example.org");
  EXPECT_EQ(options.smtp->port, 587);
  EXPECT_EQ(options.smtp->security, SmtpSecurity::starttls);
  EXPECT_EQ(options.smtp->password, "open sesame");
  EXPECT_EQ(options.smtp->timeout, Millis(1234));
}

TEST(MailConfig, RefusesWhatCannotWorkOrIsNotSafe) {
  EXPECT_EQ(mail_refusal({}), "");
  EXPECT_NE(mail_refusal({{"mail.from", ""}}).find("mail.from"), std::string::npos);
  EXPECT_NE(mail_refusal({{"mail.from", "somebody"}}).find("mail.from"), std::string::npos);
  EXPECT_NE(mail_refusal({{"mail.host", "mail.example.org/x"}}).find("mail.host"),
            std::string::npos);
  const Settings::Pairs in_clear{{"mail.security", "none"}, {"mail.user", "seendr"}};
  EXPECT_NE(mail_refusal(in_clear).find("mail.security"), std::string::npos);
}

TEST(MailConfig, NeverShowsThePassword) {
  const Settings settings = settings_of({{"mail.password", "open sesame"}});
  EXPECT_EQ(settings.show().find("sesame"), std::string::npos);
}

TEST(BackgroundConfig, SaysHowLongWhatIsKept) {
  const Settings settings = settings_of({{"retention.reports_days", "1"},
                                         {"retention.bans_days", "2"},
                                         {"retention.notifications_days", "3"},
                                         {"retention.history_days", "4"},
                                         {"retention.guests_days", "0"}});
  const RetentionOptions options = retention_options(settings);
  EXPECT_EQ(options.reports_days, 1);
  EXPECT_EQ(options.bans_days, 2);
  EXPECT_EQ(options.notifications_days, 3);
  EXPECT_EQ(options.history_days, 4);
  EXPECT_EQ(options.guests_days, 0);
  const RetentionOptions usual = retention_options(settings_of({}));
  const RetentionOptions documented;
  EXPECT_EQ(usual.reports_days, documented.reports_days);
  EXPECT_EQ(usual.bans_days, documented.bans_days);
  EXPECT_EQ(usual.notifications_days, documented.notifications_days);
  EXPECT_EQ(usual.history_days, documented.history_days);
  EXPECT_EQ(usual.guests_days, documented.guests_days);
}

TEST(BackgroundConfig, SaysWhoIsMailedAndWhatIsWarmed) {
  const Settings settings = settings_of(
      {{"mail.digest_after_hours", "5"}, {"warming.people", "7"}, {"warming.within_hours", "9"}});
  EXPECT_EQ(digest_options(settings, "https://x.org").after, std::chrono::hours(5));
  EXPECT_EQ(digest_options(settings, "https://x.org").public_url, "https://x.org");
  EXPECT_EQ(warming_options(settings).people, 7);
  EXPECT_EQ(warming_options(settings).within, std::chrono::hours(9));
  const WarmingOptions usual = warming_options(settings_of({}));
  EXPECT_EQ(usual.people, WarmingOptions().people);
  EXPECT_EQ(usual.within, WarmingOptions().within);
  EXPECT_EQ(digest_options(settings_of({}), "").after, DigestOptions().after);
}

}  // namespace
}  // namespace seendr::app
