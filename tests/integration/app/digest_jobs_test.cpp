#include "app/accounts/notifications.hpp"
#include "support/outbox.hpp"

#include "jobs_stage.hpp"

namespace seendr::app {
namespace {

class DigestJobsTest : public JobsStage {
 protected:
  DigestJobsTest() : JobsStage(into(folder_ptr()->path() + "/outbox")) {}

  UserId account(const std::string& email) {
    return UserId{std::stoll(database_.execute(
        "insert into users (display_name, email, password_hash, email_verified_at, mail_digest) "
        "values ('Ada', '" +
        email + "', 'hash', now(), true) returning id"))};
  }

  void unread_since_yesterday(UserId user) {
    database_.execute("insert into notifications (user_id, kind, data, created_at) values (" +
                      user.text() + ", 'password_changed', '{}', now() - interval '1 day')");
  }

  std::size_t mails(const std::string& email) const {
    return test::written_mails(mail_folder(), email).size();
  }
  static std::string mail_folder() { return folder_ptr()->path() + "/outbox"; }

 private:
  static std::shared_ptr<test::TempFolder>& folder_ptr() {
    static std::shared_ptr<test::TempFolder> folder;
    if (!folder) folder = std::make_shared<test::TempFolder>();
    return folder;
  }
  static MailOptions into(std::string folder) {
    MailOptions options;
    options.outbox = std::move(folder);
    return options;
  }
};

TEST_F(DigestJobsTest, MailEachPersonOnceHoweverOftenTheyAreLookedFor) {
  const UserId ada = account("ada@example.org");
  account("bob@example.org");  // Has nothing to read.
  unread_since_yesterday(ada);
  with_worker([&]() -> awaitable<void> {
    json::array none;
    co_await jobs_.enqueue(job::kDigestMails, none);
    const std::function<bool()> mailed = [this] {
      return mails("ada@example.org") > 0;
    };
    const bool first = co_await test::becomes(mailed, Millis(8000));
    EXPECT_TRUE(first);

    unread_since_yesterday(ada);
    co_await jobs_.enqueue(job::kDigestMails, none);
    co_await jobs_.enqueue(job::kDigestMails, none);
    redis::Command held("ZCARD", "seendr:tasks:leases");
    redis::Command waiting("LLEN", "seendr");
    std::int64_t left = co_await settles(std::move(waiting), 0);
    EXPECT_EQ(left, 0);
    left = co_await settles(std::move(held), 0);
    EXPECT_EQ(left, 0);
  });
  EXPECT_EQ(mails("ada@example.org"), 1U);
  EXPECT_EQ(mails("bob@example.org"), 0U);
}

}  // namespace
}  // namespace seendr::app
