#include "app/accounts/users.hpp"

#include <gtest/gtest.h>

#include "support/postgres_test.hpp"

namespace seendr::app {
namespace {

class UsersTest : public test::PostgresTest {
 protected:
  UserId seen_ago(const std::string& interval) {
    return UserId{std::stoll(
        execute("insert into users (display_name, last_seen_at) values ('Ada', now() - interval '" +
                interval + "') returning id"))};
  }

  // Whether the person counts as seen just now.
  bool is_here(UserId user) {
    return execute("select last_seen_at > now() - interval '1 minute' from users where id = " +
                   user.text()) == "t";
  }

  std::optional<User> change(UserId user, UserChange wanted) {
    std::optional<User> changed;
    run([&]() -> awaitable<void> { changed = co_await users_.change(user, wanted); });
    return changed;
  }

  Users users_{database()};
};

TEST_F(UsersTest, WritesDownThatSomebodyWasSeenOnceAnHour) {
  const UserId by_find = seen_ago("61 minutes");
  const UserId by_load = seen_ago("61 minutes");
  const UserId recent = seen_ago("59 minutes");
  run([&]() -> awaitable<void> {
    co_await users_.find(by_find);
    co_await users_.load(by_load);
    co_await users_.find(recent);
    co_await users_.load(recent);
  });
  EXPECT_TRUE(is_here(by_find));
  EXPECT_TRUE(is_here(by_load));
  EXPECT_FALSE(is_here(recent));
}

TEST_F(UsersTest, MailsAboutNotificationsAreForWhoAsksAndNoGuest) {
  const UserId ada = seen_ago("1 minute");
  const UserId guest{std::stoll(
      execute("insert into users (display_name, guest) values ('Guest', true) returning id"))};
  run([&]() -> awaitable<void> {
    const std::optional<User> at_first = co_await users_.find(ada);
    EXPECT_FALSE(at_first.value().mail_digest);
  });
  UserChange yes;
  yes.mail_digest = true;
  UserChange no;
  no.mail_digest = false;
  UserChange other;
  other.region = "eu";

  EXPECT_TRUE(change(ada, yes).value().mail_digest);
  EXPECT_TRUE(change(ada, other).value().mail_digest);
  EXPECT_FALSE(change(ada, no).value().mail_digest);
  EXPECT_FALSE(change(guest, yes).value().mail_digest);
}

}  // namespace
}  // namespace seendr::app
