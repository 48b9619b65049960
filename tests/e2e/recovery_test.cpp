// What is mailed about an account, and what its links do.
#include <future>

#include <pqxx/pqxx>

#include "support/app_servers.hpp"
#include "support/outbox.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class RecoveryTest : public TwoServers {
 protected:
  static void SetUpTestSuite() { start_servers({"SEENDR_LIMITS_RESET_ADDRESS=off"}); }

  http::ClientResponse post(const std::string& path, const json::value& body) {
    return stage.call(here(), "POST", "/api/v1/auth/" + path,
                      {{"Content-Type", "application/json"}}, json::serialize(body));
  }

  static std::string address() {
    static int count = 0;
    return "ada" + std::to_string(++count) + "@example.org";
  }

  Player register_account(const std::string& email, const std::string& language = "en") {
    const http::ClientResponse made = post("register", {{"email", email},
                                                        {"password", "correct horse"},
                                                        {"display_name", "Ada"},
                                                        {"languages", {language}}});
    EXPECT_EQ(made.status, 201) << made.body;
    Player player;
    player.session = Stage::cookie_value(made.headers);
    return player;
  }

  http::ClientResponse log_in(const std::string& email, const std::string& password) {
    return post("login", {{"email", email}, {"password", password}});
  }

  // The mail number `count` to that address.
  // The mail of that number with such a link; mails of both kinds may come in any order.
  WrittenMail mail_to(const std::string& email, const std::string& path, std::size_t count = 1) {
    std::vector<WrittenMail> mails;
    const bool came = stage.until([&] {
      mails = written_mails(backend().outbox(), email);
      std::erase_if(mails, [&path](const WrittenMail& mail) {
        return mail.text.find("/account.html#" + path + "/") == std::string::npos;
      });
      return mails.size() >= count;
    });
    if (!came) throw std::runtime_error("no mail to " + email);
    return mails.at(count - 1);
  }

  static std::string token_in(const WrittenMail& mail, const std::string& path) {
    return between(mail.text, "/account.html#" + path + "/", "\n");
  }

  // A link to a new password.
  std::string reset_token(const std::string& email) {
    EXPECT_EQ(post("reset-password", {{"email", email}}).status, 202);
    return token_in(mail_to(email, "reset"), "reset");
  }

  json::object me(const Player& player) {
    const http::ClientResponse seen = stage.call(there(), "GET", "/api/v1/me", player.headers());
    return json::parse(seen.body).at("user").as_object();
  }
};

TEST_F(RecoveryTest, SaysAtStartWhereMailsGo) {
  const std::string said = first().output();
  EXPECT_NE(said.find("mail_outbox"), std::string::npos) << said;
  EXPECT_NE(said.find(backend().outbox()), std::string::npos) << said;
}

TEST_F(RecoveryTest, MailsALinkToWhoRegistersThatVerifiesTheAddressOnce) {
  const std::string email = address();
  const Player ada = register_account(email);
  const WrittenMail mail = mail_to(email, "verify");
  EXPECT_EQ(mail.subject, "Seendr: confirm your e-mail address");
  EXPECT_NE(mail.text.find("\n" + here() + "account.html#verify/"), std::string::npos) << mail.text;
  EXPECT_EQ(stage.call(here(), "GET", "/account.html").status, 200) << "where the link leads";
  EXPECT_FALSE(me(ada).at("email_verified").as_bool());

  const std::string token = token_in(mail, "verify");
  EXPECT_EQ(post("verify-email", {{"token", token}}).status, 204);
  EXPECT_TRUE(me(ada).at("email_verified").as_bool());
  EXPECT_EQ(post("verify-email", {{"token", token}}).status, 400);
}

TEST_F(RecoveryTest, MailsAnotherLinkToWhoAsksThreeTimesAnHourUntilTheAddressIsVerified) {
  const std::string email = address();
  const Player ada = register_account(email);
  const std::string first = token_in(mail_to(email, "verify"), "verify");
  const auto ask = [this](const Player& player) {
    return stage.call(there(), "POST", "/api/v1/me/verify-email", player.headers());
  };
  EXPECT_EQ(ask(ada).status, 202);
  mail_to(email, "verify", 2);
  EXPECT_EQ(post("verify-email", {{"token", first}}).status, 400);
  EXPECT_EQ(ask(ada).status, 202);
  mail_to(email, "verify", 3);
  EXPECT_EQ(ask(ada).status, 202);
  const std::string last = token_in(mail_to(email, "verify", 4), "verify");
  const http::ClientResponse refused = ask(ada);
  EXPECT_EQ(refused.status, 429);
  EXPECT_FALSE(refused.headers.get("Retry-After").empty());

  EXPECT_EQ(post("verify-email", {{"token", last}}).status, 204);
  EXPECT_EQ(ask(ada).status, 204) << "there is nothing to mail";
  EXPECT_EQ(ask(stage.guest(here())).status, 403);
  EXPECT_EQ(ask(Player{}).status, 401);
}

TEST_F(RecoveryTest, WritesInTheLanguageOfThePerson) {
  const std::string email = address();
  register_account(email, "fr");
  EXPECT_TRUE(mail_to(email, "verify").text.starts_with("Bonjour,\n"));
}

TEST_F(RecoveryTest, EndsEverySessionAndSocketWithANewPassword) {
  const std::string email = address();
  const Player one = register_account(email);
  Player two;
  two.session = Stage::cookie_value(log_in(email, "correct horse").headers);
  Tab near = stage.v1(here(), one);
  Tab far = stage.article(there(), two);
  const std::string token = reset_token(email);

  const json::object confirm{{"token", token}, {"password", "battery staple"}};
  EXPECT_EQ(post("reset-password/confirm", confirm).status, 204);

  EXPECT_EQ(near.closed(), 4507);
  EXPECT_EQ(far.closed(), 4507) << "on another process, too";
  for (const Player& player : {one, two}) {
    EXPECT_EQ(stage.call(there(), "GET", "/api/v1/me", player.headers()).status, 401);
  }
  EXPECT_EQ(log_in(email, "correct horse").status, 401);
  const http::ClientResponse in = log_in(email, "battery staple");
  EXPECT_EQ(in.status, 200);
  EXPECT_TRUE(json::parse(in.body).at("user").at("email_verified").as_bool())
      << "the mail was read at that address";
  EXPECT_EQ(post("reset-password/confirm", confirm).status, 400) << "good once";
}

TEST_F(RecoveryTest, KeepsThePasswordUntilTheLinkIsUsedWell) {
  const std::string email = address();
  register_account(email);
  const std::string token = reset_token(email);
  EXPECT_EQ(post("reset-password/confirm", {{"token", token}, {"password", "short"}}).status, 400);
  EXPECT_EQ(post("reset-password/confirm", {{"token", token}}).status, 400);
  EXPECT_EQ(
      post("reset-password/confirm", {{"token", "guessed"}, {"password", "battery staple"}}).status,
      400);
  EXPECT_EQ(log_in(email, "correct horse").status, 200);
  EXPECT_EQ(
      post("reset-password/confirm", {{"token", token}, {"password", "battery staple"}}).status,
      204);
}

TEST_F(RecoveryTest, AnswersTheSameWhoeverHasAnAccount) {
  const std::string known = address();
  register_account(known);
  const std::string unknown = address();
  const http::ClientResponse yes = post("reset-password", {{"email", known}});
  const http::ClientResponse no = post("reset-password", {{"email", unknown}});
  EXPECT_EQ(yes.status, 202);
  EXPECT_EQ(no.status, 202);
  EXPECT_EQ(yes.body, no.body);
  mail_to(known, "reset");
  EXPECT_TRUE(written_mails(backend().outbox(), unknown).empty());
  EXPECT_EQ(post("reset-password", json::object{}).status, 400);
}

TEST_F(RecoveryTest, AnswersBeforeItLooksForTheAccount) {
  const std::string email = address();
  register_account(email);
  mail_to(email, "verify");
  pqxx::connection connection(backend().database().url());
  pqxx::work lock(connection);
  lock.exec("lock table users in access exclusive mode");

  const http::ClientResponse answer = post("reset-password", {{"email", email}});

  EXPECT_EQ(answer.status, 202) << "while nobody can be looked up";
  EXPECT_EQ(written_mails(backend().outbox(), email).size(), 1u);
  lock.abort();
  EXPECT_EQ(token_in(mail_to(email, "reset"), "reset").size(), 43u);
}

TEST_F(RecoveryTest, SendsThreeMailsAnHourToOneAddressAndSaysNothingOfIt) {
  const std::string email = address();
  register_account(email);
  mail_to(email, "verify");
  for (int i = 0; i < 5; ++i) {
    const std::string typed = i % 2 == 0 ? email : "A" + email.substr(1);
    EXPECT_EQ(post("reset-password", {{"email", typed}}).status, 202);
  }
  mail_to(email, "reset", 3);
  EXPECT_EQ(post("reset-password", {{"email", address()}}).status, 202);
  const std::string other = address();
  register_account(other);
  mail_to(other, "verify");
  EXPECT_EQ(written_mails(backend().outbox(), email).size(), 4u) << "three, and the first";
}

class RecoveryLimitTest : public RecoveryTest {
 protected:
  static void SetUpTestSuite() { start_servers({"SEENDR_LIMITS_RESET_ADDRESS=2/3600s"}); }
};

TEST_F(RecoveryLimitTest, LimitsWhatOneAddressMayAskFor) {
  EXPECT_EQ(post("reset-password", {{"email", "a@example.org"}}).status, 202);
  EXPECT_EQ(post("verify-email", {{"token", "guessed"}}).status, 400);
  const http::ClientResponse third = post("reset-password", {{"email", "b@example.org"}});
  EXPECT_EQ(third.status, 429);
  EXPECT_FALSE(third.headers.get("Retry-After").empty());
}

TEST_F(RecoveryTest, SignsNobodyInWithAPasswordThatChangesMeanwhile) {
  const std::string email = address();
  register_account(email);
  backend().database().execute(
      "update users set last_seen_at = now() - interval '1 day' where email = '" + email + "'");
  // The sign-in waits behind this change, with the password checked already.
  pqxx::connection other(backend().database().url());
  pqxx::work change(other);
  change.exec_params("update users set password_hash = 'another' where email = $1", email);
  std::future<http::ClientResponse> signing_in = std::async(std::launch::async, [email] {
    Stage own;
    const json::value body{{"email", email}, {"password", "correct horse"}};
    return own.call(here(), "POST", "/api/v1/auth/login", {{"Content-Type", "application/json"}},
                    json::serialize(body));
  });
  EXPECT_TRUE(stage.until([] {
    return backend().database().execute(
               "select count(*) from pg_stat_activity where datname = current_database() "
               "and wait_event_type = 'Lock'") == "1";
  }));
  change.commit();

  const http::ClientResponse answer = signing_in.get();
  EXPECT_EQ(answer.status, 401) << answer.body;
  EXPECT_EQ(Stage::cookie_value(answer.headers), "");
}

}  // namespace
}  // namespace seendr::test
