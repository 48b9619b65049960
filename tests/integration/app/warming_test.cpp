#include "app/upkeep/warming.hpp"

#include <gtest/gtest.h>

#include "app/cache_ttls.hpp"
#include "app/invalidator.hpp"
#include "support/postgres_test.hpp"
#include "support/redis_test.hpp"

namespace seendr::app {
namespace {

using namespace std::chrono_literals;

class WarmingTest : public test::RedisTest {
 protected:
  ~WarmingTest() override {
    run([this]() -> awaitable<void> {
      co_await cache_.close();
      co_await other_cache_.close();
    });
  }

  // Somebody whose profile is public, seen so long ago.
  UserId person(int minutes_ago, const std::string& name = "Ada") {
    return UserId{std::stoll(
        tables_.execute("insert into users (display_name, public_profile, last_seen_at) values ('" +
                        name + "', true, now() - make_interval(mins => " +
                        std::to_string(minutes_ago) + ")) returning id"))};
  }

  awaitable<std::size_t> warm(WarmingOptions options = WarmingOptions()) {
    Warming warming(cache_, profiles_, options);
    co_await redis().wait_connected(2s);
    co_return co_await warming.warm();
  }

  // What a process that did not warm anything answers.
  awaitable<http::Response> ask(UserId user) {
    http::Request request = profile_request(user);
    co_return co_await page_(std::move(request));
  }

  // Transactions that it takes to answer for the profile.
  awaitable<std::uint64_t> queries_for(UserId user) {
    const std::uint64_t before = database_.queries();
    const http::Response response = co_await ask(user);
    EXPECT_EQ(response.status, 200);
    co_return database_.queries() - before;
  }

  static postgres::DatabaseOptions options(const std::string& url) {
    postgres::DatabaseOptions options;
    options.url = url;
    return options;
  }
  static cache::CacheOptions as_served() {
    cache::CacheOptions options;
    options.prefix = "seendr";
    return options;
  }

  test::TestDatabase tables_;
  postgres::Database database_{env(), options(tables_.url())};
  Profiles profiles_{database_};
  cache::Cache cache_{env(), redis(), as_served()};
  cache::Cache other_cache_{env(), another_client(), as_served()};
  http::Handler page_ = profile_page(other_cache_, profiles_);
};

TEST_F(WarmingTest, ARequestAfterItAsksNoDatabase) {
  const UserId ada = person(5, "Ada");
  const UserId bob = person(60, "Bob");
  run([&]() -> awaitable<void> {
    const std::size_t looked_at = co_await warm();

    EXPECT_EQ(looked_at, 2U);
    const std::uint64_t for_ada = co_await queries_for(ada);
    const std::uint64_t for_bob = co_await queries_for(bob);
    EXPECT_EQ(for_ada, 0U);
    EXPECT_EQ(for_bob, 0U);
    const http::Response shown = co_await ask(bob);
    EXPECT_EQ(json::parse(shown.body).at("display_name"), "Bob");
  });
}

TEST_F(WarmingTest, TakesThoseWhoWereSeenLastAndNoneFromLongAgo) {
  const UserId old = person(25 * 60);
  const UserId second = person(20);
  const UserId first = person(10);
  const UserId third = person(30);
  run([&]() -> awaitable<void> {
    WarmingOptions options;
    options.people = 2;
    const std::size_t looked_at = co_await warm(options);
    EXPECT_EQ(looked_at, 2U);
    const std::uint64_t for_first = co_await queries_for(first);
    const std::uint64_t for_second = co_await queries_for(second);
    const std::uint64_t for_third = co_await queries_for(third);
    EXPECT_EQ(for_first + for_second, 0U);
    EXPECT_EQ(for_third, 1U);

    const std::size_t all = co_await warm();
    EXPECT_EQ(all, 3U);
    const std::uint64_t for_old = co_await queries_for(old);
    EXPECT_EQ(for_old, 1U);
  });
}

TEST_F(WarmingTest, ReadsWhatIsFreshOnceOnly) {
  person(5);
  person(6);
  run([&]() -> awaitable<void> {
    co_await warm();
    const std::uint64_t before = database_.queries();
    co_await warm();
    EXPECT_EQ(database_.queries() - before, 1U) << "only who they are";
  });
}

TEST_F(WarmingTest, KeepsNobodyWhoIsHidden) {
  tables_.execute("insert into users (display_name) values ('Shy')");
  tables_.execute("insert into users (display_name, guest) values ('Guest', true)");
  const UserId banned = person(5);
  tables_.execute("insert into bans (user_id, reason) values (" + banned.text() + ", 'rude')");
  run([&]() -> awaitable<void> {
    const std::size_t looked_at = co_await warm();
    EXPECT_EQ(looked_at, 0U);
  });
}

TEST_F(WarmingTest, KeepsThemAsARequestWouldSoThatAChangeIsSeen) {
  const UserId ada = person(5);
  run([&]() -> awaitable<void> {
    co_await warm();
    cache::KeyScan scan = other_cache_.keys("profile:*");
    std::vector<std::string> names;
    while (!scan.done()) {
      const std::vector<std::string> some = co_await scan.next();
      names.insert(names.end(), some.begin(), some.end());
    }
    EXPECT_EQ(names.size(), 1U);
    if (names.empty()) co_return;
    const std::optional<Millis> left = co_await other_cache_.ttl(names[0]);
    EXPECT_LE(left.value_or(0ms), cache_ttl::kProfile);
    EXPECT_GE(left.value_or(0ms), cache_ttl::kProfile * 8 / 10);

    tables_.execute("update users set display_name = 'Countess' where id = " + ada.text());
    co_await other_cache_.invalidate_tag(cache_tag::profile(ada.text()));
    const http::Response shown = co_await ask(ada);
    EXPECT_EQ(json::parse(shown.body).at("display_name"), "Countess");
  });
}

TEST_F(WarmingTest, DoesNothingWithoutPeopleOrWithoutACache) {
  person(5);
  run([&]() -> awaitable<void> {
    WarmingOptions none;
    none.people = 0;
    const std::size_t looked_at = co_await warm(none);
    EXPECT_EQ(looked_at, 0U);
    EXPECT_EQ(database_.queries(), 0U);

    Warming warming(cache_, profiles_, WarmingOptions());
    server().kill9();
    const error_code failure = co_await test::failure_of(warming.warm());
    EXPECT_TRUE(failure) << failure.message();
    EXPECT_LE(database_.queries(), 1U + 3U) << "what was under way";
    server().start();
  });
}

}  // namespace
}  // namespace seendr::app
