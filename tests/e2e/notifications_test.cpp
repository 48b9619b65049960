// What people are told of their account: at once where a page is open, later in the list.
#include "support/app_servers.hpp"
#include "support/outbox.hpp"

namespace seendr::test {
namespace {

class NotificationsStoryTest : public TwoServers {
 protected:
  static void SetUpTestSuite() { start_servers({"SEENDR_LIMITS_RESET_ADDRESS=off"}); }

  http::ClientResponse post(const std::string& path, const json::value& body,
                            http::Headers headers = {}) {
    headers.add("Content-Type", "application/json");
    return stage.call(here(), "POST", "/api/v1/" + path, headers, json::serialize(body));
  }

  struct Registered {
    std::string email;
    Player player;
  };
  Registered somebody() {
    static int count = 0;
    Registered made;
    made.email = "n" + std::to_string(++count) + "@example.org";
    const http::ClientResponse answer =
        post("auth/register",
             {{"email", made.email}, {"password", "correct horse"}, {"display_name", "Ada"}});
    EXPECT_EQ(answer.status, 201) << answer.body;
    made.player.session = Stage::cookie_value(answer.headers);
    made.player.id = text_at(json::parse(answer.body).at("user").as_object(), "id");
    return made;
  }

  // What follows `link` in the mail number `count` to the address.
  std::string token(const std::string& email, std::size_t count, const std::string& link) {
    std::vector<WrittenMail> mails;
    stage.until([&] {
      mails = written_mails(backend().outbox(), email);
      return mails.size() >= count;
    });
    return between(mails.at(count - 1).text, "/account.html#" + link + "/", "\n");
  }

  void verify(const Registered& person) {
    const std::string secret = token(person.email, 1, "verify");
    ASSERT_EQ(post("auth/verify-email", {{"token", secret}}).status, 204);
  }

  http::ClientResponse get(const Player& player, const std::string& query = "") {
    return stage.call(there(), "GET", "/api/v1/notifications" + query, player.headers());
  }
  json::object list(const Player& player, const std::string& query = "") {
    const http::ClientResponse got = get(player, query);
    EXPECT_EQ(got.status, 200) << got.body;
    return json::parse(got.body).as_object();
  }

  // The list once it has so many.
  json::object list_of(const Player& player, std::size_t count) {
    json::object listed;
    stage.until([&] {
      listed = list(player);
      return listed.at("items").as_array().size() >= count;
    });
    return listed;
  }

  void store(const Player& player, int count) {
    backend().database().execute("insert into notifications (user_id, kind) select " + player.id +
                                 ", 'test' from generate_series(1, " + std::to_string(count) + ")");
  }
};

TEST_F(NotificationsStoryTest, ReachThePageOnAnotherProcessAndStayInTheList) {
  const Registered ada = somebody();
  Tab page = stage.v1(there(), ada.player);
  Tab old = stage.article(there(), ada.player);
  old.settle();

  verify(ada);

  const json::object frame = page.hear("notification");
  json::object told = frame.at("data").as_object();
  EXPECT_EQ(text_at(told, "kind"), "email_verified");
  EXPECT_EQ(told.at("data"), json::value(json::object{}));
  told["read"] = false;
  const json::object listed = list(ada.player);
  EXPECT_EQ(listed.at("items"), json::value(json::array{told}));
  EXPECT_EQ(listed.at("unread"), 1);
  page.settle();
  EXPECT_TRUE(page.overhear(Millis(50)).empty()) << "once";
  EXPECT_TRUE(old.overhear(Millis(50)).empty()) << "the article's dialogue has no such frame";
}

TEST_F(NotificationsStoryTest, ReachThePageOnTheSameProcessOnce) {
  const Registered ada = somebody();
  Tab page = stage.v1(here(), ada.player);
  verify(ada);
  page.hear("notification");
  page.settle();
  EXPECT_TRUE(page.overhear(Millis(50)).empty());
}

TEST_F(NotificationsStoryTest, SayWhoeverSignsInThatThePasswordIsNew) {
  const Registered ada = somebody();
  EXPECT_EQ(post("auth/reset-password", {{"email", ada.email}}).status, 202);
  const std::string secret = token(ada.email, 2, "reset");
  const json::object confirm{{"token", secret}, {"password", "battery staple"}};
  ASSERT_EQ(post("auth/reset-password/confirm", confirm).status, 204);
  const http::ClientResponse in =
      post("auth/login", {{"email", ada.email}, {"password", "battery staple"}});
  Player again = ada.player;
  again.session = Stage::cookie_value(in.headers);

  const json::object listed = list_of(again, 1);

  ASSERT_EQ(listed.at("items").as_array().size(), 1U);
  EXPECT_EQ(listed.at("items").at(0).at("kind"), "password_changed");
}

TEST_F(NotificationsStoryTest, AreListedInPages) {
  const Player ada = stage.guest(here());
  store(ada, 3);
  const json::object first = list(ada, "?limit=2");
  ASSERT_EQ(first.at("items").as_array().size(), 2U);
  const json::object second = list(ada, "?limit=2&before=" + text_at(first, "next_cursor"));
  ASSERT_EQ(second.at("items").as_array().size(), 1U);
  EXPECT_TRUE(second.at("next_cursor").is_null());
  EXPECT_EQ(second.at("unread"), 3);
  for (const char* query : {"?limit=0", "?limit=101", "?limit=x", "?before=x", "?before=-1"}) {
    EXPECT_EQ(get(ada, query).status, 400) << query;
  }
}

TEST_F(NotificationsStoryTest, AreMarkedAsReadOneByOneOrAllTogether) {
  const Player ada = stage.guest(here());
  store(ada, 3);
  const json::array items = list(ada).at("items").as_array();
  const json::array ids{items.at(0).at("id"), items.at(1).at("id")};

  const http::ClientResponse some = post("notifications/read", {{"ids", ids}}, ada.headers());
  EXPECT_EQ(some.status, 200);
  EXPECT_EQ(some.body, R"({"unread":1})");
  EXPECT_EQ(list(ada).at("items").at(2).at("read"), false);
  EXPECT_EQ(list(ada).at("items").at(0).at("read"), true);

  EXPECT_EQ(post("notifications/read", {{"all", true}}, ada.headers()).body, R"({"unread":0})");
  EXPECT_EQ(list(ada).at("unread"), 0);
}

TEST_F(NotificationsStoryTest, AreReadByTheirOwnerAlone) {
  const Player ada = stage.guest(here());
  const Player bob = stage.guest(here());
  store(ada, 1);
  const json::value id = list(ada).at("items").at(0).at("id");
  EXPECT_EQ(post("notifications/read", {{"ids", json::array{id}}}, bob.headers()).status, 200);
  EXPECT_EQ(list(ada).at("unread"), 1);
  EXPECT_TRUE(list(bob).at("items").as_array().empty());
  EXPECT_EQ(get(Player{}).status, 401);
  EXPECT_EQ(post("notifications/read", {{"all", true}}).status, 401);
}

TEST_F(NotificationsStoryTest, AreNotMarkedByWhatCannotBeRead) {
  const Player ada = stage.guest(here());
  store(ada, 1);
  const json::array one{"1"};
  for (const json::value& body :
       {json::value(json::object{}), json::value({{"all", false}}),
        json::value({{"all", true}, {"ids", one}}), json::value({{"ids", json::array{"x"}}}),
        json::value({{"ids", json::array{"-1"}}}), json::value({{"ids", "1"}})}) {
    EXPECT_EQ(post("notifications/read", body, ada.headers()).status, 400) << json::serialize(body);
  }
  EXPECT_EQ(list(ada).at("unread"), 1);
}

TEST_F(NotificationsStoryTest, AreMailedToWhoAsksForIt) {
  const Registered ada = somebody();
  http::Headers headers = ada.player.headers();
  headers.add("Content-Type", "application/json");
  const auto patch = [&](const std::string& body) {
    return stage.call(here(), "PATCH", "/api/v1/me", headers, body);
  };
  const http::ClientResponse unasked = patch(R"({"region":"eu"})");
  EXPECT_EQ(json::parse(unasked.body).at("user").at("mail_digest"), false);
  const http::ClientResponse asked = patch(R"({"mail_digest":true})");
  EXPECT_EQ(json::parse(asked.body).at("user").at("mail_digest"), true);
  EXPECT_EQ(patch(R"({"mail_digest":"often"})").status, 400);
}

TEST_F(NotificationsStoryTest, AreInTheExport) {
  const Registered ada = somebody();
  verify(ada);
  list_of(ada.player, 1);
  const http::ClientResponse got =
      stage.call(here(), "GET", "/api/v1/me/export", ada.player.headers());
  const json::array held = json::parse(got.body).at("notifications").as_array();
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held.at(0).at("kind"), "email_verified");
  EXPECT_TRUE(held.at(0).at("read_at").is_null());
}

}  // namespace
}  // namespace seendr::test
