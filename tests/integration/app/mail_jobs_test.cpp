#include "support/mail_server.hpp"
#include "tasks/keys.hpp"

#include "jobs_stage.hpp"

namespace seendr::app {
namespace {

class MailJobsTest : public JobsStage {
 protected:
  explicit MailJobsTest(const std::string& mode = "plain")
      : MailJobsTest(std::make_shared<test::MailServer>(std::vector<std::string>{mode})) {}

  UserId account(const std::string& email) {
    return UserId{std::stoll(database_.execute(
        "insert into users (display_name, email, password_hash) values ('Ada', '" + email +
        "', 'hash') returning id"))};
  }

  // The next mail, without holding up the worker, which shares the thread.
  awaitable<json::object> mail() {
    const std::function<bool()> there = [this] {
      return server_->waiting() > 0;
    };
    const bool came = co_await test::becomes(there, Millis(8000));
    if (!came) throw std::runtime_error("no mail comes");
    co_return server_->next();
  }

  std::shared_ptr<test::MailServer> server_;

 private:
  explicit MailJobsTest(std::shared_ptr<test::MailServer> server)
      : JobsStage(to(*server)), server_(std::move(server)) {}

  static MailOptions to(const test::MailServer& server) {
    MailOptions options;
    options.smtp.emplace();
    options.smtp->host = "127.0.0.1";
    options.smtp->port = server.port();
    options.smtp->security = SmtpSecurity::none;
    return options;
  }
};

TEST_F(MailJobsTest, SendBothMails) {
  const UserId ada = account("ada@example.org");
  with_worker([&]() -> awaitable<void> {
    json::array who{ada.value, "https://x.example.org"};
    const bool first = co_await jobs_.enqueue(job::kVerificationMail, std::move(who));
    EXPECT_TRUE(first);
    const json::object confirm = co_await mail();
    EXPECT_EQ(confirm.at("subject").as_string(), "Seendr: confirm your e-mail address");
    json::array address{ada.value, "https://x.example.org"};
    co_await jobs_.enqueue(job::kPasswordResetMail, std::move(address));
    const json::object reset = co_await mail();
    EXPECT_EQ(reset.at("to"), json::value(json::array{"ada@example.org"}));
    EXPECT_EQ(reset.at("subject").as_string(), "Seendr: a new password");
  });
}

TEST_F(MailJobsTest, AMailThatIsRefusedForGoodIsADeadLetter) {
  const UserId never = account("never@example.org");
  with_worker([&]() -> awaitable<void> {
    json::array who{never.value, "https://x.example.org"};
    co_await jobs_.enqueue(job::kVerificationMail, std::move(who));
    redis::Command dead("ZCARD", std::string_view(tasks::kDeadKey));
    const std::int64_t count = co_await settles(std::move(dead), 1);
    EXPECT_EQ(count, 1);
    tasks::DeadLetters letters(redis());
    const std::vector<tasks::DeadLetter> all = co_await letters.list(10);
    EXPECT_EQ(all.at(0).task, job::kVerificationMail);
    EXPECT_NE(all.at(0).exception.find("550"), std::string::npos) << all.at(0).exception;
  });
}

TEST_F(MailJobsTest, AMailThatMayPassLaterIsDelayed) {
  const UserId later = account("later@example.org");
  with_worker([&]() -> awaitable<void> {
    json::array who{later.value, "https://x.example.org"};
    co_await jobs_.enqueue(job::kVerificationMail, std::move(who));
    redis::Command delayed("ZCARD", std::string_view(tasks::kTimersKey));
    const std::int64_t count = co_await settles(std::move(delayed), 1);
    EXPECT_EQ(count, 1);
  });
}

TEST_F(MailJobsTest, AreTogetherNoMoreThanAreSentAtOnce) {
  const std::vector<tasks::WorkQueue> queues = worker_options(settings_).queues;
  const auto mails = std::find_if(queues.begin(), queues.end(), [](const tasks::WorkQueue& queue) {
    return queue.name == kMailQueue;
  });
  ASSERT_NE(mails, queues.end());
  EXPECT_EQ(mails->concurrency, kMailsAtOnce) << "their time limit does not wait for one another";
}

TEST_F(MailJobsTest, AreTriedForMoreThanAnHour) {
  SeededRandom random(7);
  for (const std::string_view kind :
       {job::kVerificationMail, job::kPasswordResetMail, job::kDigestMail, job::kDigestMails}) {
    const tasks::RetryPolicy& policy = registry_.find(kind)->options.retry;
    for (int task = 0; task < 300; ++task) {
      Millis total(0);
      for (int retries = 0; retries < policy.max; ++retries) {
        total += *tasks::retry_delay(policy, tasks::Fault{}, retries, random);
      }
      EXPECT_GT(total, std::chrono::hours(1)) << kind;
      EXPECT_LT(total, std::chrono::hours(5)) << kind;
    }
  }
}

TEST_F(MailJobsTest, NobodyIsWrittenToWhoHasNoAccount) {
  with_worker([&]() -> awaitable<void> {
    json::array address{1, "https://x.example.org"};
    co_await jobs_.enqueue(job::kPasswordResetMail, std::move(address));
    const std::string key = "celery-task-meta-*";
    std::vector<redis::Reply> results;
    while (results.empty()) {
      const redis::Command find("SCAN", "0", "MATCH", key, "COUNT", 1000);
      const redis::Reply reply = co_await redis().exec(find);
      results = reply.as_array().at(1).as_array();
    }
    const redis::Command get("GET", results.at(0).text());
    const redis::Reply result = co_await redis().exec(get);
    const json::value stored = json::parse(result.text());
    EXPECT_EQ(stored.at("status").as_string(), "SUCCESS");
    EXPECT_EQ(stored.at("result"), json::value(false));
  });
  EXPECT_EQ(server_->waiting(), 0U);
}

class SlowMailJobsTest : public MailJobsTest {
 protected:
  SlowMailJobsTest() : MailJobsTest("silent") {}
};

TEST_F(SlowMailJobsTest, ADigestIsGivenBackWithItsTaskWhenTheWorkerEnds) {
  const UserId ada = account("ada@example.org");
  database_.execute("update users set email_verified_at = now(), mail_digest = true");
  database_.execute(
      "insert into notifications (user_id, kind, created_at) "
      "select id, 'password_changed', now() - interval '1 day' from users");
  const std::string marked = "select count(*) from notifications where digested_at is not null";
  with_worker([&]() -> awaitable<void> {
    json::array who{ada.value};
    co_await jobs_.enqueue(job::kDigestMail, std::move(who));
    const std::function<bool()> claimed = [&] {
      return database_.execute(marked) == "1";
    };
    const bool came = co_await test::becomes(claimed, Millis(8000));
    EXPECT_TRUE(came);
  });
  EXPECT_EQ(database_.execute(marked), "0");
  run([&]() -> awaitable<void> {
    redis::Command waiting("LLEN", kMailQueue);
    const std::int64_t back = co_await settles(std::move(waiting), 1);
    EXPECT_EQ(back, 1);
  });
}

}  // namespace
}  // namespace seendr::app
