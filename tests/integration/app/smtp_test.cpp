#include "app/mail/smtp.hpp"

#include <future>

#include <gtest/gtest.h>

#include "app/mail/message.hpp"
#include "support/certificate.hpp"
#include "support/mail_server.hpp"

namespace seendr::app {
namespace {

using namespace std::chrono_literals;
using test::MailServer;

class SmtpTest : public testing::Test {
 protected:
  static SmtpOptions plain(const MailServer& server) {
    SmtpOptions options;
    options.host = "127.0.0.1";
    options.port = server.port();
    options.security = SmtpSecurity::none;
    return options;
  }

  SmtpOptions secured(const MailServer& server, SmtpSecurity security) const {
    SmtpOptions options;
    options.host = "localhost";  // As the certificate says.
    options.port = server.port();
    options.security = security;
    options.ca_file = certificate_.certificate();
    return options;
  }

  std::vector<std::string> mode(const std::string& name, bool sign_in = false) const {
    std::vector<std::string> arguments{name, "--certificate", certificate_.certificate(), "--key",
                                       certificate_.key()};
    if (sign_in) arguments.emplace_back("--sign-in");
    return arguments;
  }

  Delivery send(const SmtpOptions& options, const std::string& to = "ada@example.org") {
    const Mail mail{to, "Une clé s’il vous plaît", "Été\n.\n..dots\n", "<p>Été</p>\n",
                    MailKind::verification};
    const Sender from{"Seendr", "no-reply@example.org"};
    const auto message = compose_message(mail, from, 1'767'225'600'000, "u1");
    return send_by_smtp(options, from.address, to, message.value(),
                        [this] { return stop_.load(); });
  }

  std::atomic<bool> stop_{false};
  test::Certificate certificate_;
};

TEST_F(SmtpTest, HandsOverAMailAsItWasMeant) {
  MailServer server({"plain"});

  const Delivery delivery = send(plain(server));

  EXPECT_EQ(delivery.kind, Delivery::Kind::sent) << delivery.reason;
  EXPECT_EQ(delivery.reason, "");
  const json::object mail = server.next();
  EXPECT_EQ(mail.at("from").as_string(), "no-reply@example.org");
  EXPECT_EQ(mail.at("to"), json::value(json::array{"ada@example.org"}));
  EXPECT_EQ(mail.at("greeting").as_string(), "example.org");
  EXPECT_EQ(mail.at("sender").as_string(), "Seendr <no-reply@example.org>");
  EXPECT_EQ(mail.at("subject").as_string(), "Une clé s’il vous plaît");
  EXPECT_EQ(mail.at("text").as_string(), "Été\n.\n..dots\n");
  EXPECT_EQ(mail.at("html").as_string(), "<p>Été</p>\n");
  EXPECT_TRUE(mail.at("defects").as_array().empty()) << json::serialize(mail);
}

TEST_F(SmtpTest, SignsInOnceTheConnectionIsSecure) {
  for (const SmtpSecurity security : {SmtpSecurity::starttls, SmtpSecurity::tls}) {
    const bool starts = security == SmtpSecurity::starttls;
    MailServer server(mode(starts ? "starttls" : "tls", true));
    SmtpOptions options = secured(server, security);
    options.user = "seendr";
    options.password = "open sesame";

    const Delivery delivery = send(options);

    ASSERT_EQ(delivery.kind, Delivery::Kind::sent) << delivery.reason;
    const json::object mail = server.next();
    EXPECT_EQ(mail.at("user").as_string(), "seendr");
    EXPECT_TRUE(!starts || mail.at("tls").as_bool());
  }
}

TEST_F(SmtpTest, SaysNothingInClearThatIsToBeSecure) {
  MailServer server({"plain"});
  SmtpOptions options = plain(server);
  options.security = SmtpSecurity::starttls;
  EXPECT_EQ(send(options).kind, Delivery::Kind::temporary);
  EXPECT_EQ(server.waiting(), 0u);
}

TEST_F(SmtpTest, TrustsNoServerWithoutAGoodCertificate) {
  for (const SmtpSecurity security : {SmtpSecurity::starttls, SmtpSecurity::tls}) {
    MailServer server(mode(security == SmtpSecurity::tls ? "tls" : "starttls"));
    SmtpOptions stranger = secured(server, security);
    stranger.ca_file = "";
    EXPECT_EQ(send(stranger).kind, Delivery::Kind::temporary);
    SmtpOptions misnamed = secured(server, security);
    misnamed.host = "127.0.0.1";
    EXPECT_EQ(send(misnamed).kind, Delivery::Kind::temporary);
    EXPECT_EQ(server.waiting(), 0u);
  }
}

TEST_F(SmtpTest, TakesARefusedSignInForATroubleOfOursAndKeepsThePassword) {
  MailServer server(mode("starttls", true));
  SmtpOptions options = secured(server, SmtpSecurity::starttls);
  options.user = "seendr";
  options.password = "open barley";
  const Delivery delivery = send(options);
  EXPECT_EQ(delivery.kind, Delivery::Kind::temporary) << "the mail itself was not refused";
  EXPECT_NE(delivery.reason.find("535"), std::string::npos) << delivery.reason;
  EXPECT_EQ(delivery.reason.find("barley"), std::string::npos) << delivery.reason;
}

TEST_F(SmtpTest, TellsARefusalForNowFromOneForGood) {
  MailServer server({"plain"});
  const Delivery later = send(plain(server), "later@example.org");
  EXPECT_EQ(later.kind, Delivery::Kind::temporary);
  EXPECT_NE(later.reason.find("Come back later"), std::string::npos) << later.reason;
  const Delivery never = send(plain(server), "never@example.org");
  EXPECT_EQ(never.kind, Delivery::Kind::permanent);
  EXPECT_NE(never.reason.find("550 5.1.1 Nobody of that name"), std::string::npos) << never.reason;
  const Delivery full = send(plain(server), "full@example.org");
  EXPECT_EQ(full.kind, Delivery::Kind::permanent) << "refused after its content";
  EXPECT_NE(full.reason.find("552 5.2.2"), std::string::npos) << full.reason;
}

TEST_F(SmtpTest, TakesARefusalOfOursForATroubleThatPasses) {
  MailServer unwelcome({"unwelcome"});
  const Delivery greeted = send(plain(unwelcome));
  EXPECT_EQ(greeted.kind, Delivery::Kind::temporary);
  EXPECT_NE(greeted.reason.find("554 5.7.1"), std::string::npos) << greeted.reason;
  MailServer server(mode("tls", true));
  const Delivery unsigned_in = send(secured(server, SmtpSecurity::tls));
  EXPECT_EQ(unsigned_in.kind, Delivery::Kind::temporary);
  EXPECT_NE(unsigned_in.reason.find("530 5.7.0"), std::string::npos) << unsigned_in.reason;
}

TEST_F(SmtpTest, TakesARefusalOfOursThatComesWithTheRecipientForATroubleThatPasses) {
  MailServer server({"plain"});
  const Delivery barred = send(plain(server), "barred@example.org");
  EXPECT_EQ(barred.kind, Delivery::Kind::temporary);
  EXPECT_NE(barred.reason.find("554 5.7.1"), std::string::npos) << barred.reason;
  const Delivery relayed = send(plain(server), "relayed@example.org");
  EXPECT_EQ(relayed.kind, Delivery::Kind::temporary);
  EXPECT_NE(relayed.reason.find("Relay not permitted"), std::string::npos) << relayed.reason;
  const Delivery spam = send(plain(server), "spam@example.org");
  EXPECT_EQ(spam.kind, Delivery::Kind::permanent) << "that was the content";
}

TEST_F(SmtpTest, SaysWhetherTheAddressIsToBlame) {
  MailServer server({"plain"});
  for (const char* name : {"never", "bare"}) {
    const Delivery delivery = send(plain(server), std::string(name) + "@example.org");
    EXPECT_EQ(delivery.kind, Delivery::Kind::permanent) << name;
    EXPECT_TRUE(delivery.is_address_useless) << name;
  }
  for (const char* name : {"full", "spam"}) {
    const Delivery delivery = send(plain(server), std::string(name) + "@example.org");
    EXPECT_EQ(delivery.kind, Delivery::Kind::permanent) << name;
    EXPECT_FALSE(delivery.is_address_useless) << name;
  }
}

TEST_F(SmtpTest, DoesNotRepeatTheAddress) {
  MailServer server({"plain"});
  const Delivery refused = send(plain(server), "Gone@example.org");
  EXPECT_EQ(refused.kind, Delivery::Kind::permanent);
  EXPECT_NE(refused.reason.find("550 5.1.1 <[address]>: gone, so no mail for [address]"),
            std::string::npos)
      << refused.reason;
}

TEST_F(SmtpTest, WaitsForASilentServerNoLongerThanTheLimit) {
  MailServer server({"silent"});
  SmtpOptions options = plain(server);
  options.timeout = 300ms;
  const auto begin = std::chrono::steady_clock::now();
  const Delivery delivery = send(options);
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(delivery.kind, Delivery::Kind::temporary);
  EXPECT_GE(took, 290ms);
  EXPECT_LT(took, 5s);
}

TEST_F(SmtpTest, LetsGoOfASilentServerWhenAskedTo) {
  MailServer server({"silent"});
  SmtpOptions options = plain(server);
  options.timeout = 60s;
  auto sending = std::async(std::launch::async, [&] { return send(options); });
  stop_ = true;
  ASSERT_EQ(sending.wait_for(10s), std::future_status::ready);
  EXPECT_EQ(sending.get().kind, Delivery::Kind::temporary);
}

TEST_F(SmtpTest, SaysThatNobodyListens) {
  SmtpOptions options;
  {
    MailServer server({"plain"});
    options = plain(server);
  }
  const Delivery delivery = send(options);
  EXPECT_EQ(delivery.kind, Delivery::Kind::temporary);
  EXPECT_NE(delivery.reason, "");
}

}  // namespace
}  // namespace seendr::app
