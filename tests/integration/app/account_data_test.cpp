#include "app/accounts/account_data.hpp"

#include <gtest/gtest.h>

#include "support/postgres_test.hpp"

namespace seendr::app {
namespace {

class AccountDataTest : public test::PostgresTest {
 protected:
  UserId account(const std::string& name) {
    return UserId{
        std::stoll(execute("insert into users (display_name, email, password_hash, region) "
                           "values ('" +
                           name + "', lower('" + name + "') || '@example.org', 'hash of ' || '" +
                           name + "', 'eu') returning id"))};
  }

  void report(UserId by, UserId about, const std::string& note) {
    execute("insert into reports (reporter_id, reported_id, room_id, reason, note) values (" +
            by.text() + ", " + about.text() + ", 'room', 'spam', '" + note + "')");
  }

  std::optional<json::object> gather(UserId user) {
    std::optional<json::object> data;
    run([&]() -> awaitable<void> { data = co_await data_.gather(user); });
    return data;
  }
  bool erase(UserId user) {
    bool erased = false;
    run([&]() -> awaitable<void> { erased = co_await data_.erase(user); });
    return erased;
  }

  AccountData data_{database()};
};

TEST_F(AccountDataTest, GathersWhatIsHeldAndNamesNobodyElse) {
  const UserId ada = account("Ada");
  const UserId bob = account("Bob");
  execute("insert into user_interests select " + ada.text() +
          ", id, row_number() over (order by slug) from interests where slug in ('chess','music')");
  execute("insert into blocks (blocker_id, blocked_id) values (" + ada.text() + "," + bob.text() +
          "), (" + bob.text() + "," + ada.text() + ")");
  report(ada, bob, "he sold things");
  report(bob, ada, "she would not buy");
  execute("insert into bans (user_id, reason, lifted_at) values (" + ada.text() +
          ", 'too loud', now())");
  execute(
      "insert into match_history (room_id, shard, user_a, user_b, shared, made_at) values "
      "('r1', 'all', " +
      bob.text() + ", " + ada.text() + ", '{chess}', '2026-01-02T03:04:05Z')");

  const auto data = gather(ada);

  ASSERT_TRUE(data);
  const json::object& about = data->at("account").as_object();
  EXPECT_EQ(about.at("id").as_string(), ada.text());
  EXPECT_EQ(about.at("email").as_string(), "ada@example.org");
  EXPECT_EQ(about.at("region").as_string(), "eu");
  EXPECT_TRUE(about.at("email_verified_at").is_null());
  EXPECT_EQ(about.at("created_at").as_string().size(), 20u);
  EXPECT_EQ(data->at("interests"), json::value({"chess", "music"}));
  EXPECT_EQ(data->at("matches"), json::parse(R"([{"made_at":"2026-01-02T03:04:05Z",
      "ended_at":null,"end_reason":null,"shared":["chess"]}])"));
  EXPECT_EQ(data->at("blocks").as_array().size(), 1u) << "nobody learns who blocked them";
  ASSERT_EQ(data->at("reports_written").as_array().size(), 1u);
  EXPECT_EQ(data->at("reports_written").at(0).at("note").as_string(), "he sold things");
  ASSERT_EQ(data->at("reports_about_me").as_array().size(), 1u);
  EXPECT_EQ(data->at("reports_about_me").at(0).at("reason").as_string(), "spam");
  EXPECT_EQ(data->at("bans").at(0).at("reason").as_string(), "too loud");
  const std::string text = json::serialize(*data);
  EXPECT_EQ(text.find(bob.text()), std::string::npos) << text;
  EXPECT_EQ(text.find("would not buy"), std::string::npos) << text;
  EXPECT_EQ(text.find("hash of"), std::string::npos) << text;
}

TEST_F(AccountDataTest, SaysThatThereIsAPictureAndSinceWhen) {
  const UserId ada = account("Ada");
  EXPECT_TRUE(gather(ada)->at("avatar").is_null());
  execute("insert into avatars values (" + ada.text() +
          ", repeat('a', 32), 'x', 'y', 'z', '2026-11-01T12:00:00Z')");
  EXPECT_EQ(gather(ada)->at("avatar"),
            json::value({{"path", "/api/v1/users/" + ada.text() + "/avatar?v=aaaaaaaa"},
                         {"updated_at", "2026-11-01T12:00:00Z"}}));
}

TEST_F(AccountDataTest, HasAListOfEachKindForWhoDidNothing) {
  const auto data = gather(account("Ada"));
  ASSERT_TRUE(data);
  for (const char* list : {"interests", "blocks", "reports_written", "reports_about_me", "bans",
                           "mailed", "notifications"}) {
    EXPECT_EQ(data->at(list), json::value(json::array{})) << list;
  }
  EXPECT_FALSE(gather(UserId{1'999'999'999'999}));
}

TEST_F(AccountDataTest, LeavesOfAnErasedPersonWhatWasReportedAndNoMore) {
  const UserId ada = account("Ada");
  const UserId bob = account("Bob");
  execute("insert into blocks (blocker_id, blocked_id) values (" + ada.text() + "," + bob.text() +
          "), (" + bob.text() + "," + ada.text() + ")");
  execute(
      "insert into account_tokens (hash, user_id, purpose, expires_at) values "
      "(sha256('x'), " +
      ada.text() + ", 'verify', now() + interval '1 hour')");
  report(ada, bob, "he sold things");
  report(bob, ada, "Ada Lovelace would not buy");

  EXPECT_TRUE(erase(ada));

  EXPECT_FALSE(gather(ada));
  EXPECT_FALSE(erase(ada));
  EXPECT_EQ(execute("select count(*) from blocks"), "0");
  EXPECT_EQ(execute("select count(*) from account_tokens"), "0");
  EXPECT_EQ(execute("select count(*) from reports"), "2");
  EXPECT_EQ(execute("select reason || '|' || note || '|' || coalesce(room_id, 'none') from reports "
                    "where reported_id is null and reporter_id = " +
                    bob.text()),
            "spam||none");
  EXPECT_EQ(
      execute("select note from reports where reporter_id is null and reported_id = " + bob.text()),
      "he sold things")
      << "it is about somebody who is still here";
}

TEST_F(AccountDataTest, KnowsThePasswordOfWhoHasOne) {
  const UserId ada = account("Ada");
  const UserId guest{std::stoll(
      execute("insert into users (display_name, guest) values ('Guest', true) returning id"))};
  run([&]() -> awaitable<void> {
    const std::optional<std::string> hers = co_await data_.password_hash(ada);
    EXPECT_EQ(hers, "hash of Ada");
    const std::optional<std::string> theirs = co_await data_.password_hash(guest);
    EXPECT_EQ(theirs, "");
    const UserId nobody{1'999'999'999'999};
    const std::optional<std::string> nobodys = co_await data_.password_hash(nobody);
    EXPECT_FALSE(nobodys);
  });
}

TEST_F(AccountDataTest, KeepsWhatOthersHoldAgainstSomebodyOfASite) {
  const UserId site{4711};
  const UserId unknown{4712};
  const UserId bob = account("Bob");
  for (const UserId user : {site, unknown}) {
    execute(
        "insert into users (id, display_name, languages, region, adult, public_profile, site_mark) "
        "values (" +
        user.text() + ", 'Sita', '{fr}', 'eu', true, true, 'mark')");
  }
  execute("insert into bans (user_id, reason) values (" + site.text() + ", 'loud')");
  execute("insert into blocks (blocker_id, blocked_id) values (" + site.text() + "," + bob.text() +
          "), (" + bob.text() + "," + site.text() + ")");
  execute("insert into user_interests select " + site.text() +
          ", id, 0 from interests where slug = 'chess'");
  execute(
      "insert into match_history (room_id, shard, user_a, user_b, shared, made_at) values "
      "('r1', 'all', " +
      site.text() + ", " + bob.text() + ", '{chess}', '2026-01-02T03:04:05Z')");
  report(bob, site, "she shouted");
  report(site, bob, "he listened");

  EXPECT_TRUE(erase(site));
  EXPECT_TRUE(erase(unknown));

  const std::string id = site.text();
  EXPECT_EQ(execute("select concat_ws('|', display_name, array_to_string(languages, ','), region, "
                    "adult, public_profile, coalesce(site_mark, 'none')) from users where id = " +
                    id),
            "Guest 4711|en||f|f|none");
  EXPECT_EQ(execute("select count(*) from bans where user_id = " + id), "1");
  EXPECT_EQ(execute("select blocker_id from blocks"), bob.text());
  EXPECT_EQ(execute("select note from reports where reported_id = " + id), "she shouted");
  EXPECT_EQ(execute("select count(*) from reports where reporter_id is null"), "1");
  EXPECT_EQ(execute("select count(*) from user_interests"), "0");
  EXPECT_EQ(execute("select count(*) from match_history where user_a is null"), "1");
  EXPECT_EQ(execute("select count(*) from users where id = 4712"), "0")
      << "nobody holds anything against them";
  EXPECT_EQ(execute("select string_agg(user_id::text, ',' order by user_id) from gone_people"),
            "4711,4712");
}

TEST_F(AccountDataTest, TakesALongHistoryFromAPersonInSteps) {
  const UserId ada = account("Ada");
  execute(
      "insert into match_history (room_id, shard, user_a, user_b, shared, made_at) select "
      "'r' || n, 'all', case when n % 2 = 0 then " +
      ada.text() + " end, case when n % 2 = 1 then " + ada.text() +
      " end, '{}', now() from generate_series(1, 2500) n");
  execute(
      "create function bounded() returns trigger language plpgsql as $$ begin "
      "if (select count(*) from changed) > 1000 then raise exception 'too much at once'; end if; "
      "return null; end $$");
  execute(
      "create trigger bounded after update on match_history referencing new table as changed "
      "for each statement execute function bounded()");

  EXPECT_TRUE(erase(ada));

  EXPECT_EQ(execute("select count(*) from match_history where user_a is null and user_b is null"),
            "2500");
}

}  // namespace
}  // namespace seendr::app
