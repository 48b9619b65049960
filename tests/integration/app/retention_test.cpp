#include "app/upkeep/retention.hpp"

#include <map>

#include <gtest/gtest.h>

#include "support/postgres_test.hpp"
#include "support/redis_test.hpp"

namespace seendr::app {
namespace {

class RetentionTest : public test::RedisTest {
 protected:
  std::string execute(const std::string& sql) { return tables_.execute(sql); }
  std::string count(const std::string& from) { return execute("select count(*) from " + from); }

  // People with an account.
  UserId person() {
    return UserId{
        std::stoll(execute("insert into users (display_name) values ('Ada') returning id"))};
  }
  UserId guest(int days_ago) {
    return UserId{std::stoll(
        execute("insert into users (display_name, guest, last_seen_at) values ('Guest', true, "
                "now() - make_interval(days => " +
                std::to_string(days_ago) + ")) returning id"))};
  }

  // How many of each kind were removed.
  std::map<std::string, std::int64_t> remove_old(RetentionOptions options = RetentionOptions()) {
    Retention retention(database_, sessions_, options);
    std::map<std::string, std::int64_t> rows;
    run([&]() -> awaitable<void> {
      const std::vector<Removed> removed = co_await retention.remove_old();
      for (const Removed& one : removed) rows[one.what] = one.rows;
    });
    return rows;
  }

  static postgres::DatabaseOptions options(const std::string& url) {
    postgres::DatabaseOptions options;
    options.url = url;
    return options;
  }

  test::TestDatabase tables_;
  postgres::Database database_{env(), options(tables_.url())};
  auth::Sessions sessions_{env(), redis(), auth::SessionOptions()};
};

TEST_F(RetentionTest, RemovesReportsAYearAfterTheyWereHandled) {
  const UserId ada = person();
  const std::string insert =
      "insert into reports (reported_id, reason, created_at, handled_at, handled_by) values (" +
      ada.text() + ", 'spam', now() - interval '3 years', ";
  execute(insert + "now() - interval '366 days', 'bob')");
  execute(insert + "now() - interval '364 days', 'bob')");
  execute(insert + "null, null)");

  EXPECT_EQ(remove_old().at("reports"), 1);

  EXPECT_EQ(count("reports where handled_at is not null"), "1");
  EXPECT_EQ(count("reports where handled_at is null"), "1") << "nobody has looked at it yet";
}

TEST_F(RetentionTest, RemovesNotificationsSomeTimeAfterTheyWereRead) {
  const UserId ada = person();
  const std::string insert =
      "insert into notifications (user_id, kind, created_at, read_at) values (" + ada.text() +
      ", 'test', now() - interval '1 year', ";
  execute(insert + "now() - interval '91 days')");
  execute(insert + "now() - interval '89 days')");
  execute(insert + "null)");

  EXPECT_EQ(remove_old().at("notifications"), 1);
  EXPECT_EQ(count("notifications"), "2");
}

TEST_F(RetentionTest, RemovesBansThatEndedLongAgoAndNoneThatHolds) {
  const UserId ada = person();
  const std::string insert =
      "insert into bans (user_id, reason, created_at, until, lifted_at) values (" + ada.text() +
      ", 'rude', now() - interval '3 years', ";
  execute(insert + "now() - interval '366 days', null)");
  execute(insert + "null, now() - interval '366 days')");
  execute(insert + "now() + interval '1 day', now() - interval '366 days')");
  execute(insert + "now() - interval '364 days', null)");
  execute(insert + "now() + interval '1 day', null)");
  execute(insert + "null, null)");

  EXPECT_EQ(remove_old().at("bans"), 3);
  EXPECT_EQ(count("bans"), "3");
  EXPECT_EQ(count("bans where lifted_at is null"), "3");
}

TEST_F(RetentionTest, RemovesLinksThatExpired) {
  const UserId ada = person();
  const std::string insert =
      "insert into account_tokens (hash, user_id, purpose, created_at, expires_at) values "
      "(sha256('";
  const std::string hers = "'), " + ada.text();
  execute(insert + "a" + hers +
          ", 'verify', now() - interval '2 hours', now() - interval '1 minute')");
  execute(insert + "b" + hers +
          ", 'reset', now() - interval '2 hours', now() + interval '1 minute')");

  EXPECT_EQ(remove_old().at("account_tokens"), 1);
  EXPECT_EQ(execute("select purpose from account_tokens"), "reset");
}

TEST_F(RetentionTest, ForgetsWhoMetWhomAfterAWhile) {
  const std::string insert =
      "insert into match_history (room_id, shard, shared, made_at) values ('";
  execute(insert + "old', 'all', '{}', now() - interval '91 days')");
  execute(insert + "new', 'all', '{}', now() - interval '89 days')");

  EXPECT_EQ(remove_old().at("match_history"), 1);
  EXPECT_EQ(execute("select room_id from match_history"), "new");
}

TEST_F(RetentionTest, RemovesGuestsWhoCannotComeBackWithAllThatIsTheirs) {
  const UserId gone = guest(31);
  const UserId recent = guest(29);
  const UserId account = person();
  execute("update users set last_seen_at = now() - interval '2 years' where id = " +
          account.text());
  execute("insert into blocks (blocker_id, blocked_id) values (" + gone.text() + ", " +
          account.text() + ")");
  execute("insert into notifications (user_id, kind) values (" + gone.text() + ", 'test')");
  execute("insert into reports (reporter_id, reported_id, room_id, reason, note) values (" +
          account.text() + ", " + gone.text() + ", 'room', 'spam', 'calls herself Ada')");

  EXPECT_EQ(remove_old().at("guests"), 1);

  EXPECT_EQ(count("users where id in (" + recent.text() + ", " + account.text() + ")"), "2");
  EXPECT_EQ(count("users"), "2");
  EXPECT_EQ(count("blocks"), "0");
  EXPECT_EQ(count("notifications"), "0");
  EXPECT_EQ(execute("select user_id from gone_people"), gone.text()) << "Redis is to forget them";
  EXPECT_EQ(execute("select reason || '|' || note || '|' || coalesce(room_id, 'none') from reports "
                    "where reported_id is null"),
            "spam||none");
}

TEST_F(RetentionTest, KeepsAGuestAsLongAsASessionLeadsBack) {
  const UserId back = guest(31);
  const UserId gone = guest(31);
  run([&]() -> awaitable<void> { co_await sessions_.create(back); });

  EXPECT_EQ(remove_old().at("guests"), 1);

  EXPECT_EQ(execute("select id from users"), back.text());
  EXPECT_EQ(count("users where last_seen_at > now() - interval '1 minute'"), "1")
      << "and is not looked up again each time";
  EXPECT_NE(gone, back);
}

TEST_F(RetentionTest, RemovesManyInSteps) {
  execute(
      "insert into users (display_name, guest, last_seen_at) select 'Guest', true, "
      "now() - interval '40 days' from generate_series(1, 2005)");
  const UserId ada = person();
  execute("insert into reports (reported_id, reason, handled_at, handled_by) select " + ada.text() +
          ", 'spam', now() - interval '2 years', 'bob' from generate_series(1, 2005)");
  const std::uint64_t before = database_.queries();

  const auto removed = remove_old();

  EXPECT_EQ(removed.at("guests"), 2005);
  EXPECT_EQ(removed.at("reports"), 2005);
  EXPECT_EQ(count("users"), "1");
  EXPECT_EQ(database_.queries() - before, 130U)
      << "three of each fifty guests, one of each thousand reports and of each other kind";
}

TEST_F(RetentionTest, KeepsForEverWhatHasNoDays) {
  const UserId ada = person();
  guest(4000);
  execute("insert into reports (reported_id, reason, handled_at, handled_by) values (" +
          ada.text() + ", 'spam', '2001-01-01', 'bob')");
  execute("insert into bans (user_id, reason, created_at, until) values (" + ada.text() +
          ", 'rude', '2001-01-01', '2001-01-02')");
  execute("insert into notifications (user_id, kind, read_at) values (" + ada.text() +
          ", 'test', '2001-01-01')");

  execute(
      "insert into match_history (room_id, shard, shared, made_at) values ('r', 'all', '{}', "
      "'2001-01-01')");

  for (const auto& [kind, rows] : remove_old(RetentionOptions{0, 0, 0, 0, 0})) {
    EXPECT_EQ(rows, 0) << kind;
  }
  EXPECT_EQ(count("users"), "2");
  EXPECT_EQ(count("reports"), "1");
  EXPECT_EQ(count("bans"), "1");
  EXPECT_EQ(count("notifications"), "1");
  EXPECT_EQ(count("match_history"), "1");
}

}  // namespace
}  // namespace seendr::app
