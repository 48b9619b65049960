#include "app/upkeep/digest.hpp"

#include <gtest/gtest.h>

#include "runtime/sleep.hpp"
#include "runtime/task_group.hpp"
#include "support/mail_server.hpp"
#include "support/outbox.hpp"
#include "support/postgres_test.hpp"
#include "support/redis_test.hpp"

namespace seendr::app {
namespace {

constexpr const char* kAdaMail = "ada@example.org";

class DigestTest : public test::PostgresTest {
 protected:
  // Somebody who asked for mails and has a confirmed address.
  UserId reader(const std::string& email = kAdaMail, const std::string& languages = "{en}") {
    return UserId{std::stoll(execute(
        "insert into users (display_name, email, email_verified_at, languages, mail_digest) "
        "values ('Ada', '" +
        email + "', now(), '" + languages + "', true) returning id"))};
  }

  void tell(UserId user, int hours_ago, const std::string& kind = "email_verified") {
    execute("insert into notifications (user_id, kind, created_at) values (" + user.text() + ", '" +
            kind + "', now() - make_interval(hours => " + std::to_string(hours_ago) + "))");
  }

  MailOptions to_outbox() const {
    MailOptions options;
    options.outbox = outbox();
    return options;
  }
  std::string outbox() const { return folder_.path() + "/outbox"; }

  static MailOptions to_nobody() {
    MailOptions options;
    options.smtp.emplace();
    options.smtp->host = "127.0.0.1";
    options.smtp->port = 1;  // Nothing listens there.
    options.smtp->security = SmtpSecurity::none;
    return options;
  }

  DigestOutcome send(UserId user, const MailOptions& where) {
    Mailer mailer(env(), where);
    Digest digest(database(), mailer, DigestOptions{std::chrono::hours(12), "https://x.org"});
    DigestOutcome outcome = DigestOutcome::nothing;
    run([&]() -> awaitable<void> { outcome = co_await digest.send_digest(user); });
    mailer.stop();
    return outcome;
  }
  DigestOutcome send(UserId user) { return send(user, to_outbox()); }

  // Cancels a digest of the person once `when` returns true.
  DigestOutcome cancelled_send(UserId user, const MailOptions& where, std::function<bool()> when,
                               std::function<void()> afterwards) {
    Mailer mailer(env(), where);
    Digest digest(database(), mailer, DigestOptions{std::chrono::hours(12), "https://x.org"});
    DigestOutcome outcome = DigestOutcome::nothing;
    run([&]() -> awaitable<void> {
      TaskGroup tasks(io().get_executor(), [](const std::string&, std::exception_ptr error) {
        ADD_FAILURE() << what(error);
      });
      const auto one = [](Digest& work, UserId to, DigestOutcome& out) -> awaitable<void> {
        out = co_await work.send_digest(to);
      };
      tasks.spawn("digest", one(digest, user, outcome));
      const bool began = co_await test::becomes(when, Millis(8000));
      EXPECT_TRUE(began);
      tasks.cancel();
      co_await sleep_for(Millis(0));
      afterwards();
      co_await tasks.join();
    });
    mailer.stop();
    return outcome;
  }

  static MailOptions to_server(const test::MailServer& server) {
    MailOptions options = to_nobody();
    options.smtp->port = server.port();
    return options;
  }

  std::vector<UserId> due(UserId after = UserId{}, int limit = 10) {
    Mailer mailer(env(), to_outbox());
    Digest digest(database(), mailer, DigestOptions{std::chrono::hours(12), "https://x.org"});
    std::vector<UserId> people;
    run([&]() -> awaitable<void> { people = co_await digest.due_people(after, limit); });
    return people;
  }

  std::vector<test::WrittenMail> mails(const std::string& to = kAdaMail) {
    return test::written_mails(outbox(), to);
  }

  test::TempFolder folder_;
};

TEST_F(DigestTest, MailsWhatIsUnreadInOneMailAndOnce) {
  const UserId ada = reader();
  tell(ada, 20, "password_changed");
  tell(ada, 1);
  EXPECT_EQ(due(), std::vector<UserId>{ada});

  EXPECT_EQ(send(ada), DigestOutcome::sent);
  EXPECT_EQ(send(ada), DigestOutcome::nothing);

  EXPECT_TRUE(due().empty());
  ASSERT_EQ(mails().size(), 1U);
  const std::string text = mails().at(0).text;
  EXPECT_NE(text.find("- Your e-mail address is confirmed.\n- You have a new password.\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("https://x.org/\n"), std::string::npos);
  EXPECT_EQ(execute("select count(*) from notifications where read_at is null"), "2")
      << "a mail that was sent is none that was read";
}

TEST_F(DigestTest, WritesInTheLanguageOfThePersonAndKnowsNewerKinds) {
  const UserId ada = reader(kAdaMail, "{fr,en}");
  tell(ada, 20, "something_new");
  EXPECT_EQ(send(ada), DigestOutcome::sent);
  EXPECT_NE(mails().at(0).text.find("- Il y a du nouveau pour vous.\n"), std::string::npos);
}

TEST_F(DigestTest, WaitsUntilSomethingWasUnreadForLong) {
  const UserId ada = reader();
  tell(ada, 11);
  EXPECT_TRUE(due().empty());
  EXPECT_EQ(send(ada), DigestOutcome::nothing);
  tell(ada, 13);
  EXPECT_EQ(due(), std::vector<UserId>{ada});
}

TEST_F(DigestTest, LeavesAloneWhomNobodyMayMail) {
  const std::vector<std::string> reasons{
      "update users set mail_digest = false",
      "update users set email_verified_at = null",
      "insert into bans (user_id, reason) select id, 'rude' from users",
      "update notifications set read_at = now()",
      "update notifications set created_at = now() - interval '31 days'",
      "update notifications set digested_at = now()",
  };
  for (const std::string& reason : reasons) {
    execute("delete from users");
    const UserId ada = reader();
    tell(ada, 20);
    ASSERT_EQ(due().size(), 1U);

    execute(reason);

    EXPECT_TRUE(due().empty()) << reason;
    EXPECT_EQ(send(ada), DigestOutcome::nothing) << reason;
  }
  EXPECT_TRUE(mails().empty());
}

TEST_F(DigestTest, FindsPeoplePageByPage) {
  const std::vector<UserId> people{reader("a@example.org"), reader("b@example.org"),
                                   reader("c@example.org")};
  for (const UserId user : people) tell(user, 20);
  EXPECT_EQ(due(UserId{}, 2), (std::vector<UserId>{people[0], people[1]}));
  EXPECT_EQ(due(people[1], 2), std::vector<UserId>{people[2]});
}

TEST_F(DigestTest, TriesAgainWhenTheMailServerCouldNot) {
  const UserId ada = reader();
  tell(ada, 20);
  EXPECT_EQ(send(ada, to_nobody()), DigestOutcome::later);
  EXPECT_EQ(due(), std::vector<UserId>{ada});
  EXPECT_EQ(send(ada), DigestOutcome::sent);
}

TEST_F(DigestTest, GivesBackWhatItHadWhenItIsCancelledWhileTheMailServerIsSlow) {
  const UserId ada = reader();
  tell(ada, 20);
  const test::MailServer server({"silent"});
  const std::function<bool()> marked = [this] {
    return execute("select count(*) from notifications where digested_at is not null") == "1";
  };
  EXPECT_EQ(cancelled_send(ada, to_server(server), marked, [] {}), DigestOutcome::nothing);
  EXPECT_EQ(due(), std::vector<UserId>{ada});
  EXPECT_EQ(send(ada), DigestOutcome::sent);
}

TEST_F(DigestTest, GivesBackWhatItWasAboutToHaveWhenItIsCancelled) {
  const UserId ada = reader();
  tell(ada, 20);
  pqxx::connection connection(url());
  std::optional<pqxx::work> lock(connection);
  lock->exec("select * from notifications for update");
  const std::function<bool()> waits = [this] {
    return execute("select count(*) from pg_locks where not granted") != "0";
  };
  const std::function<void()> let_go = [&lock] {
    lock.reset();
  };
  EXPECT_EQ(cancelled_send(ada, to_outbox(), waits, let_go), DigestOutcome::nothing);
  EXPECT_TRUE(mails().empty());
  EXPECT_EQ(send(ada), DigestOutcome::sent);
}

TEST_F(DigestTest, GivesUpWhatIsRefusedForGood) {
  const UserId ada = reader();
  tell(ada, 20);
  EXPECT_EQ(send(ada, MailOptions{}), DigestOutcome::refused);
  EXPECT_TRUE(due().empty());
}

TEST_F(DigestTest, GivesUpNothingThatWasRefusedForAnotherReasonThanTheAddress) {
  const test::MailServer server({"plain"});
  const std::vector<std::pair<std::string, DigestOutcome>> refusals{
      {"barred@example.org", DigestOutcome::later},
      {"full@example.org", DigestOutcome::refused},
      {"spam@example.org", DigestOutcome::refused}};
  for (const auto& [email, outcome] : refusals) {
    execute("delete from users");
    const UserId ada = reader(email);
    tell(ada, 20);
    EXPECT_EQ(send(ada, to_server(server)), outcome) << email;
    EXPECT_EQ(due(), std::vector<UserId>{ada}) << email;
  }
  execute("delete from users");
  const UserId nobody = reader("never@example.org");
  tell(nobody, 20);
  EXPECT_EQ(send(nobody, to_server(server)), DigestOutcome::refused);
  EXPECT_TRUE(due().empty()) << "it would be refused each day";
}

TEST_F(DigestTest, MailsOnceWhenTwoWorkersHaveTheSamePerson) {
  const UserId ada = reader();
  tell(ada, 20);
  Mailer mailer(env(), to_outbox());
  Digest digest(database(), mailer, DigestOptions{std::chrono::hours(12), "https://x.org"});
  std::vector<DigestOutcome> outcomes;
  run([&]() -> awaitable<void> {
    TaskGroup both(io().get_executor(), [](const std::string&, std::exception_ptr error) {
      ADD_FAILURE() << what(error);
    });
    const auto one = [](Digest& work, UserId user,
                        std::vector<DigestOutcome>& out) -> awaitable<void> {
      const DigestOutcome outcome = co_await work.send_digest(user);
      out.push_back(outcome);
    };
    for (int i = 0; i < 4; ++i) both.spawn("digest", one(digest, ada, outcomes));
    co_await both.join();
  });
  EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), DigestOutcome::sent), 1);
  EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), DigestOutcome::nothing), 3);
  EXPECT_EQ(mails().size(), 1U);
}

}  // namespace
}  // namespace seendr::app
