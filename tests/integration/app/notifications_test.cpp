#include "app/accounts/notifications.hpp"

#include <gtest/gtest.h>

#include "app/people/bus.hpp"
#include "rooms/signalling.hpp"
#include "support/postgres_test.hpp"
#include "support/redis_test.hpp"

namespace seendr::app {
namespace {

class NotificationsTest : public test::RedisTest {
 protected:
  UserId person(const std::string& name) {
    return UserId{std::stoll(
        tables_.execute("insert into users (display_name) values ('" + name + "') returning id"))};
  }

  std::string execute(const std::string& sql) { return tables_.execute(sql); }

  static NewNotification news(UserId user, std::string key = "") {
    NewNotification notification;
    notification.user = user;
    notification.kind = "email_verified";
    notification.data = json::object{{"n", 7}};
    notification.key = std::move(key);
    return notification;
  }

  static postgres::DatabaseOptions options(const std::string& url) {
    postgres::DatabaseOptions options;
    options.url = url;
    return options;
  }

  awaitable<std::optional<json::object>> add(NewNotification notification) {
    using Outcome = std::optional<json::object>;
    std::function<Outcome(pqxx::work&)> work = [n = std::move(notification)](pqxx::work& w) {
      return add_notification(w, n);
    };
    co_return co_await database_.run(std::move(work));
  }

  // The numbers of a page, as they were stored by fill().
  static std::vector<std::int64_t> numbers(const NotificationPage& page) {
    std::vector<std::int64_t> out;
    for (const json::value& item : page.items) {
      out.push_back(item.at("data").at("n").to_number<std::int64_t>());
    }
    return out;
  }

  void fill(UserId user, int count) {
    execute("insert into notifications (user_id, kind, data) select " + user.text() +
            ", 'test', jsonb_build_object('n', n) from generate_series(1, " +
            std::to_string(count) + ") n");
  }

  test::TestDatabase tables_;
  postgres::Database database_{env(), options(tables_.url())};
  Notifications store_{database_};
};

TEST_F(NotificationsTest, StoresWhatHappenedAndListsItUnread) {
  const UserId ada = person("Ada");
  const UserId bob = person("Bob");
  run([&]() -> awaitable<void> {
    const std::optional<json::object> stored = co_await add(news(ada));
    const NotificationPage hers = co_await store_.list(ada, std::nullopt, 10);
    const NotificationPage his = co_await store_.list(bob, std::nullopt, 10);

    EXPECT_TRUE(stored);
    if (!stored) co_return;
    EXPECT_EQ(stored->at("kind").as_string(), "email_verified");
    EXPECT_EQ(stored->at("data"), json::value({{"n", 7}}));
    EXPECT_EQ(stored->at("created_at").as_string().size(), 20U);
    EXPECT_EQ(stored->size(), 4U);
    json::object listed = *stored;
    listed["read"] = false;
    EXPECT_EQ(hers.items, json::array{listed});
    EXPECT_EQ(hers.unread, 1);
    EXPECT_FALSE(hers.next);
    EXPECT_TRUE(his.items.empty());
    EXPECT_EQ(his.unread, 0);
  });
}

TEST_F(NotificationsTest, StoresNothingForNobody) {
  run([&]() -> awaitable<void> {
    const UserId nobody{1'999'999'999'999};
    const std::optional<json::object> stored = co_await add(news(nobody));
    EXPECT_FALSE(stored);
  });
}

TEST_F(NotificationsTest, StoresWhatHasAKeyOnceForEachPerson) {
  const UserId ada = person("Ada");
  const UserId bob = person("Bob");
  run([&]() -> awaitable<void> {
    const auto first = co_await add(news(ada, "report:7"));
    const auto again = co_await add(news(ada, "report:7"));
    const auto other = co_await add(news(ada, "report:8"));
    const auto his = co_await add(news(bob, "report:7"));
    const auto without = co_await add(news(ada));
    const auto without_again = co_await add(news(ada));
    EXPECT_TRUE(first && other && his && without && without_again);
    EXPECT_FALSE(again);
  });
  EXPECT_EQ(execute("select count(*) from notifications"), "5");
}

TEST_F(NotificationsTest, KeepsTheNewestTwoHundredOfAPerson) {
  const UserId ada = person("Ada");
  const UserId bob = person("Bob");
  fill(ada, 205);
  fill(bob, 3);
  run([&]() -> awaitable<void> { co_await add(news(ada)); });
  const std::string count = "select count(*) from notifications where user_id = ";
  EXPECT_EQ(execute(count + ada.text()), "200");
  EXPECT_EQ(execute(count + ada.text() + " and (data->>'n')::int < 7 and kind = 'test'"), "0");
  EXPECT_EQ(execute(count + ada.text() + " and kind = 'email_verified'"), "1");
  EXPECT_EQ(execute(count + bob.text()), "3") << "of each person apart";
}

TEST_F(NotificationsTest, ListsPageByPageTheNewestFirst) {
  const UserId ada = person("Ada");
  fill(ada, 5);
  run([&]() -> awaitable<void> {
    const NotificationPage first = co_await store_.list(ada, std::nullopt, 2);
    EXPECT_EQ(numbers(first), (std::vector<std::int64_t>{5, 4}));
    EXPECT_EQ(first.unread, 5);
    EXPECT_TRUE(first.next);
    if (!first.next) co_return;
    const NotificationPage second = co_await store_.list(ada, first.next, 2);
    EXPECT_EQ(numbers(second), (std::vector<std::int64_t>{3, 2}));
    EXPECT_TRUE(second.next);
    const NotificationPage last = co_await store_.list(ada, second.next, 2);
    EXPECT_EQ(numbers(last), (std::vector<std::int64_t>{1}));
    EXPECT_FALSE(last.next);
    const NotificationPage whole = co_await store_.list(ada, std::nullopt, 5);
    EXPECT_FALSE(whole.next) << "nothing follows a page that happens to be full";
  });
}

TEST_F(NotificationsTest, MarksOnesOwnAsReadAndNobodyElses) {
  const UserId ada = person("Ada");
  const UserId bob = person("Bob");
  fill(ada, 3);
  fill(bob, 1);
  const auto first_of = [this](UserId user) {
    return std::stoll(execute("select min(id) from notifications where user_id = " + user.text()));
  };
  const std::vector<std::int64_t> ids{first_of(ada), first_of(bob), 999'999};
  run([&]() -> awaitable<void> {
    const std::int64_t left = co_await store_.mark_read(ada, ids);
    EXPECT_EQ(left, 2);
    const NotificationPage his = co_await store_.list(bob, std::nullopt, 10);
    EXPECT_EQ(his.unread, 1);
    const NotificationPage hers = co_await store_.list(ada, std::nullopt, 10);
    EXPECT_TRUE(hers.items.at(2).at("read").as_bool());
    EXPECT_FALSE(hers.items.at(1).at("read").as_bool());
    const std::int64_t none = co_await store_.mark_all_read(ada);
    EXPECT_EQ(none, 0);
  });
  EXPECT_EQ(execute("select count(*) from notifications where read_at is null"), "1");
}

TEST_F(NotificationsTest, KeepsTheTimeOfTheFirstReading) {
  const UserId ada = person("Ada");
  fill(ada, 1);
  execute("update notifications set read_at = '2026-01-01'");
  run([&]() -> awaitable<void> { co_await store_.mark_all_read(ada); });
  EXPECT_EQ(execute("select read_at::date from notifications"), "2026-01-01");
}

TEST_F(NotificationsTest, GoesWithThePerson) {
  const UserId ada = person("Ada");
  fill(ada, 2);
  execute("delete from users where id = " + ada.text());
  EXPECT_EQ(execute("select count(*) from notifications"), "0");
}

TEST_F(NotificationsTest, ShowsWhatWasStored) {
  redis::Client& inbox = another_client();
  const UserId ada = person("Ada");
  run([&]() -> awaitable<void> {
    channels::Layer layer(env(), redis(), inbox, channels::LayerOptions{});
    std::vector<channels::Message> heard;
    TaskGroup tasks(io().get_executor(), [](const std::string&, std::exception_ptr error) {
      ADD_FAILURE() << what(error);
    });
    channels::Layer::OnMessage listen = [&heard](const std::string&,
                                                 const channels::Message& message) {
      heard.push_back(message);
    };
    co_await layer.group_add(rooms::user_group(ada), layer.channel("here"));
    tasks.spawn("layer", layer.run(std::move(listen)));

    json::object stored{{"id", "7"}, {"kind", "email_verified"}};
    co_await show_notification(layer, ada, stored);
    std::function<bool()> there = [&heard] {
      return !heard.empty();
    };
    const bool came = co_await test::becomes(std::move(there), Millis(5000));

    EXPECT_TRUE(came);
    const auto received = bus::from_message(heard.at(0));
    EXPECT_TRUE(received && std::holds_alternative<bus::Notice>(*received));
    EXPECT_EQ(std::get<bus::Notice>(*received).data, json::serialize(stored));
    tasks.cancel();
    co_await tasks.join();
    co_await layer.close();
  });
}

}  // namespace
}  // namespace seendr::app
