#include "app/mail/account_mail.hpp"

#include <gtest/gtest.h>

#include "support/mail_server.hpp"
#include "support/postgres_test.hpp"

namespace seendr::app {
namespace {

using namespace std::chrono_literals;

constexpr const char* kUrl = "https://x.example.org";

class AccountMailTest : public test::PostgresTest {
 protected:
  AccountMailTest() : mailer_(env(), options()) {}

  MailOptions options() const {
    MailOptions options;
    options.smtp.emplace();
    options.smtp->host = "127.0.0.1";
    options.smtp->port = server_.port();
    options.smtp->security = SmtpSecurity::none;
    return options;
  }

  UserId account(const std::string& email, const std::string& languages) {
    return UserId{std::stoll(execute(
        "insert into users (display_name, email, password_hash, languages) values ('Ada', '" +
        email + "', 'hash', '" + languages + "') returning id"))};
  }

  static std::string text_of(const json::object& mail, const char* key) {
    return std::string(mail.at(key).as_string());
  }

  // The token after that path in the text of the mail.
  static std::string token_in(const json::object& mail, const std::string& path) {
    const std::string text = text_of(mail, "text");
    const std::string link = "https://x.example.org/account.html#" + path + "/";
    const std::size_t at = text.find(link);
    EXPECT_NE(at, std::string::npos) << text;
    return text.substr(at + link.size(), 43);
  }

  test::MailServer server_{{"plain"}};
  AccountTokens tokens_{env(), database()};
  Mailer mailer_;
  AccountMail mail_{tokens_, mailer_};
};

TEST_F(AccountMailTest, SendsALinkThatVerifiesTheAddress) {
  const UserId ada = account("ada@example.org", "{fr}");
  run([&]() -> awaitable<void> {
    const std::optional<Delivery> delivery = co_await mail_.send_verification(ada, kUrl);
    EXPECT_EQ(delivery.value().kind, Delivery::Kind::sent) << delivery->reason;
    const json::object mail = server_.next();
    EXPECT_EQ(mail.at("to"), json::value(json::array{"ada@example.org"}));
    EXPECT_EQ(text_of(mail, "subject"), "Seendr : confirmez votre adresse e-mail");
    std::string token = token_in(mail, "verify");
    const std::optional<UsedToken> used = co_await tokens_.verify_email(std::move(token));
    EXPECT_EQ(used.value().user, ada);
    const std::optional<Delivery> again = co_await mail_.send_verification(ada, kUrl);
    EXPECT_FALSE(again) << "it is verified";
  });
}

TEST_F(AccountMailTest, SendsALinkToANewPassword) {
  const UserId ada = account("ada@example.org", "{de,en}");
  run([&]() -> awaitable<void> {
    const std::optional<Delivery> delivery = co_await mail_.send_password_reset(ada, kUrl);
    EXPECT_EQ(delivery.value().kind, Delivery::Kind::sent) << delivery->reason;
    const json::object mail = server_.next();
    EXPECT_EQ(text_of(mail, "subject"), "Seendr: a new password");
    std::string token = token_in(mail, "reset");
    const std::optional<UserId> holder = co_await tokens_.reset_holder(std::move(token));
    EXPECT_EQ(holder, ada);
  });
}

TEST_F(AccountMailTest, WritesToNobodyWhoHasNoAccount) {
  run([&]() -> awaitable<void> {
    const UserId nobody{1};
    const std::optional<Delivery> delivery = co_await mail_.send_password_reset(nobody, kUrl);
    EXPECT_FALSE(delivery);
  });
  EXPECT_EQ(server_.waiting(), 0u);
}

}  // namespace
}  // namespace seendr::app
