#include "app/mail/account_mail.hpp"

#include <deque>

#include <gtest/gtest.h>

#include "runtime/sleep.hpp"
#include "support/mail_server.hpp"
#include "support/postgres_test.hpp"

namespace seendr::app {
namespace {

using namespace std::chrono_literals;

class AccountMailTest : public test::PostgresTest {
 protected:
  AccountMailTest() : mailer_(env(), options()), mail_(tokens_, mailer_, "https://x.example.org") {}

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
  AccountMail mail_;
};

TEST_F(AccountMailTest, SendsALinkThatVerifiesTheAddress) {
  const UserId ada = account("ada@example.org", "{fr}");
  run([&]() -> awaitable<void> {
    const std::optional<Delivery> delivery = co_await mail_.send_verification(ada);
    EXPECT_EQ(delivery.value().kind, Delivery::Kind::sent) << delivery->reason;
    const json::object mail = server_.next();
    EXPECT_EQ(mail.at("to"), json::value({"ada@example.org"}));
    EXPECT_EQ(text_of(mail, "subject"), "Seendr : confirmez votre adresse e-mail");
    std::string token = token_in(mail, "verify");
    const std::optional<UserId> verified = co_await tokens_.verify_email(std::move(token));
    EXPECT_EQ(verified, ada);
    const std::optional<Delivery> again = co_await mail_.send_verification(ada);
    EXPECT_FALSE(again) << "it is verified";
  });
}

TEST_F(AccountMailTest, SendsALinkToANewPassword) {
  const UserId ada = account("ada@example.org", "{de,en}");
  run([&]() -> awaitable<void> {
    const std::optional<Delivery> delivery = co_await mail_.send_password_reset("ADA@example.org");
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
    const std::optional<Delivery> delivery =
        co_await mail_.send_password_reset("nobody@example.org");
    EXPECT_FALSE(delivery);
  });
  EXPECT_EQ(server_.waiting(), 0u);
}

class PatienceTest : public testing::Test {
 protected:
  using Outcome = std::optional<Delivery>;

  // How often a job is tried that ends so, one outcome after the other.
  int attempts(std::deque<Outcome> outcomes, int most = 3) {
    int count = 0;
    std::function<awaitable<Outcome>()> next = [&outcomes, &count]() -> awaitable<Outcome> {
      ++count;
      Outcome outcome = outcomes.front();
      outcomes.pop_front();
      co_return outcome;
    };
    test::run([&]() -> awaitable<void> {
      const PatienceOptions options{most, 2ms};
      co_await try_patiently(env_.real(), next, options);
    });
    return count;
  }

  const Delivery sent_{};
  const Delivery later_{Delivery::Kind::temporary, "later"};
  const Delivery never_{Delivery::Kind::permanent, "never"};
  test::TestEnv env_;
};

TEST_F(PatienceTest, TriesAgainWhatMayPassLater) {
  EXPECT_EQ(attempts({later_, sent_}), 2);
  EXPECT_EQ(attempts({later_, later_, later_, sent_}), 3) << "not for ever";
}

TEST_F(PatienceTest, StopsWhenThereIsNothingMoreToDo) {
  EXPECT_EQ(attempts({sent_, sent_}), 1);
  EXPECT_EQ(attempts({never_, sent_}), 1);
  EXPECT_EQ(attempts({std::nullopt, sent_}), 1);
}

TEST_F(PatienceTest, TakesALostDatabaseForAFailedAttempt) {
  int count = 0;
  std::function<awaitable<Outcome>()> broken = [&count]() -> awaitable<Outcome> {
    ++count;
    co_await sleep_for(1ms);
    throw system_error(make_error_code(postgres::Errc::unavailable));
  };
  EXPECT_THROW(test::run([&]() -> awaitable<void> {
                 const PatienceOptions options{3, 2ms};
                 co_await try_patiently(env_.real(), broken, options);
               }),
               system_error);
  EXPECT_EQ(count, 3);
}

}  // namespace
}  // namespace seendr::app
