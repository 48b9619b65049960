#include "app/accounts/avatars.hpp"

#include <gtest/gtest.h>

#include "support/postgres_test.hpp"

namespace seendr::app {
namespace {

class AvatarsTest : public test::PostgresTest {
 protected:
  UserId person(const std::string& columns, const std::string& values) {
    return UserId{std::stoll(execute("insert into users (display_name, " + columns +
                                     ") values ('Ada', " + values + ") returning id"))};
  }
  UserId open_person() { return person("public_profile", "true"); }

  static Avatar avatar(char digit) {
    Avatar made;
    made.version = std::string(32, digit);
    for (std::size_t i = 0; i < made.images.size(); ++i) {
      made.images.at(i) = std::string("image\0", 6) + digit + std::to_string(kAvatarSizes.at(i));
    }
    return made;
  }

  bool put(UserId owner, char digit) {
    bool stored = false;
    run([&]() -> awaitable<void> { stored = co_await avatars_.put(owner, avatar(digit)); });
    return stored;
  }
  bool remove(UserId owner) {
    bool removed = false;
    run([&]() -> awaitable<void> { removed = co_await avatars_.remove(owner); });
    return removed;
  }
  std::optional<ShownAvatar> find(UserId owner, std::optional<UserId> viewer = {}, int size = 256,
                                  const std::string& if_none_match = {}) {
    std::optional<ShownAvatar> shown;
    run([&]() -> awaitable<void> {
      AvatarWish wish{owner, viewer, size, if_none_match};
      shown = co_await avatars_.find(std::move(wish));
    });
    return shown;
  }

  Avatars avatars_{database()};
};

TEST_F(AvatarsTest, KeepsTheLastOneOfAPersonInEverySize) {
  const UserId ada = open_person();
  EXPECT_FALSE(find(ada));
  EXPECT_TRUE(put(ada, 'a'));
  EXPECT_TRUE(put(ada, 'b'));
  for (std::size_t i = 0; i < kAvatarSizes.size(); ++i) {
    const auto shown = find(ada, {}, kAvatarSizes.at(i));
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->image, avatar('b').images.at(i));
    EXPECT_EQ(shown->etag,
              "\"" + std::string(32, 'b') + "-" + std::to_string(kAvatarSizes.at(i)) + "\"");
    EXPECT_TRUE(shown->is_public);
  }
  EXPECT_EQ(execute("select count(*) from avatars"), "1");
  EXPECT_TRUE(remove(ada));
  EXPECT_FALSE(remove(ada));
  EXPECT_FALSE(find(ada));
}

TEST_F(AvatarsTest, TakesNoneOfGuestsAndOfNobody) {
  EXPECT_FALSE(put(person("guest", "true"), 'a'));
  EXPECT_FALSE(put(UserId{1'999'999'999'999}, 'a'));
  EXPECT_EQ(execute("select count(*) from avatars"), "0");
}

TEST_F(AvatarsTest, DoesNotSendWhatTheReaderHas) {
  const UserId ada = open_person();
  put(ada, 'a');
  const std::string etag = find(ada)->etag;
  EXPECT_TRUE(find(ada, {}, 256, etag)->image.empty());
  EXPECT_EQ(find(ada, {}, 256, etag)->etag, etag);
  EXPECT_TRUE(find(ada, {}, 256, "\"x\", W/" + etag)->image.empty());
  EXPECT_FALSE(find(ada, {}, 64, etag)->image.empty()) << "that is another picture";
  put(ada, 'b');
  EXPECT_FALSE(find(ada, {}, 256, etag)->image.empty());
}

TEST_F(AvatarsTest, ShowsItToWhoMaySeeTheProfileAndToItsOwner) {
  const UserId bob = open_person();
  const UserId shy = person("public_profile", "false");
  const UserId banned = open_person();
  execute("insert into bans (user_id, reason) values (" + banned.text() + ", 'too loud')");
  for (const UserId owner : {shy, banned}) {
    ASSERT_TRUE(put(owner, 'a'));
    EXPECT_FALSE(find(owner));
    EXPECT_FALSE(find(owner, bob));
    const auto own = find(owner, owner);
    ASSERT_TRUE(own);
    EXPECT_FALSE(own->is_public);
  }
  execute("update bans set lifted_at = now()");
  EXPECT_TRUE(find(banned));
}

TEST_F(AvatarsTest, TellsTheCacheOfAPublicProfile) {
  const UserId ada = open_person();
  const UserId shy = person("public_profile", "false");
  execute("delete from cache_outbox");
  put(shy, 'a');
  EXPECT_EQ(execute("select count(*) from cache_outbox"), "0");
  put(ada, 'a');
  put(ada, 'b');
  remove(ada);
  EXPECT_EQ(execute("select count(*) from cache_outbox where tag = 'profile:" + ada.text() + "'"),
            "3");
}

TEST_F(AvatarsTest, GoesWithThePerson) {
  const UserId ada = open_person();
  put(ada, 'a');
  execute("delete from users where id = " + ada.text());
  EXPECT_EQ(execute("select count(*) from avatars"), "0");
}

}  // namespace
}  // namespace seendr::app
