#include "app/accounts/account_tokens.hpp"

#include <gtest/gtest.h>

#include "codec/crypto.hpp"
#include "codec/text.hpp"
#include "support/postgres_test.hpp"

namespace seendr::app {
namespace {

class AccountTokensTest : public test::PostgresTest {
 protected:
  UserId account(const std::string& email, const std::string& languages = "{en}") {
    return UserId{
        std::stoll(execute("insert into users (display_name, email, password_hash, "
                           "languages) values ('Ada', '" +
                           email + "', 'old hash', '" + languages + "') returning id"))};
  }

  UserId guest() {
    return UserId{std::stoll(
        execute("insert into users (display_name, guest) values ('Guest', true) returning id"))};
  }

  std::optional<IssuedToken> verify_token(UserId user) {
    std::optional<IssuedToken> issued;
    run([&]() -> awaitable<void> { issued = co_await tokens_.issue_verify(user); });
    return issued;
  }
  std::optional<IssuedToken> reset_token(const std::string& email) {
    std::optional<IssuedToken> issued;
    const std::string id =
        execute("select id from users where lower(email) = lower('" + email + "')");
    const UserId user{id.empty() ? 1 : std::stoll(id)};
    run([&]() -> awaitable<void> { issued = co_await tokens_.issue_reset(user); });
    return issued;
  }
  std::optional<UserId> verify(const std::string& token) {
    run([&]() -> awaitable<void> { used_ = co_await tokens_.verify_email(token); });
    return used_ ? std::optional(used_->user) : std::nullopt;
  }
  std::optional<UserId> holder(const std::string& token) {
    std::optional<UserId> user;
    run([&]() -> awaitable<void> { user = co_await tokens_.reset_holder(token); });
    return user;
  }
  std::optional<UserId> reset(const std::string& token, const std::string& hash) {
    run([&]() -> awaitable<void> { used_ = co_await tokens_.reset_password(token, hash); });
    return used_ ? std::optional(used_->user) : std::nullopt;
  }

  bool verified(UserId user) {
    return execute("select email_verified_at is not null from users where id = " + user.text()) ==
           "t";
  }
  std::string password_hash(UserId user) {
    return execute("select password_hash from users where id = " + user.text());
  }

  AccountTokens tokens_{env(), database()};
  std::optional<UsedToken> used_;  // By the last call.
};

TEST_F(AccountTokensTest, VerifiesAnAddressOnce) {
  const UserId ada = account("ada@example.org", "{fr,en}");
  const auto issued = verify_token(ada);
  ASSERT_TRUE(issued);
  EXPECT_EQ(issued->email, "ada@example.org");
  EXPECT_EQ(issued->languages, (std::vector<std::string>{"fr", "en"}));
  EXPECT_EQ(issued->token.size(), 43u) << "32 random bytes in base64url";
  EXPECT_FALSE(verified(ada));

  EXPECT_EQ(verify(issued->token), ada);
  EXPECT_TRUE(verified(ada));
  EXPECT_EQ(verify(issued->token), std::nullopt);
  EXPECT_FALSE(verify_token(ada)) << "nothing is left to prove";
}

TEST_F(AccountTokensTest, HoldsOnlyAHashOfTheToken) {
  const auto issued = verify_token(account("ada@example.org"));
  ASSERT_TRUE(issued);
  EXPECT_EQ(execute("select encode(hash, 'hex') from account_tokens"),
            to_hex(bytes(sha256(issued->token))));
  EXPECT_EQ(
      execute("select count(*) from account_tokens t where t::text like '%" + issued->token + "%'"),
      "0");
}

TEST_F(AccountTokensTest, SetsANewPasswordOnce) {
  const UserId ada = account("Ada@example.org");
  const auto issued = reset_token("aDA@EXAMPLE.org");
  ASSERT_TRUE(issued);
  EXPECT_EQ(issued->email, "Ada@example.org");
  EXPECT_EQ(holder(issued->token), ada);
  EXPECT_EQ(password_hash(ada), "old hash");

  EXPECT_EQ(reset(issued->token, "new hash"), ada);
  EXPECT_EQ(password_hash(ada), "new hash");
  EXPECT_TRUE(verified(ada)) << "the mail was read at the address";
  EXPECT_EQ(holder(issued->token), std::nullopt);
  EXPECT_EQ(reset(issued->token, "newer hash"), std::nullopt);
  EXPECT_EQ(password_hash(ada), "new hash");
}

TEST_F(AccountTokensTest, TellsThePersonInTheSameTransaction) {
  const UserId ada = account("ada@example.org");
  const std::string stored =
      "select string_agg(id || ' ' || kind, ',' order by id) from notifications where user_id = " +
      ada.text();
  verify(verify_token(ada)->token);
  ASSERT_TRUE(used_);
  EXPECT_EQ(used_->notification.at("kind"), "email_verified");
  EXPECT_EQ(execute(stored),
            std::string(used_->notification.at("id").as_string()) + " email_verified");
  reset(reset_token("ada@example.org")->token, "new hash");
  EXPECT_EQ(used_->notification.at("kind"), "password_changed");

  const std::string token = reset_token("ada@example.org")->token;
  execute(
      "alter table notifications add constraint no_more check (kind = 'email_verified') not valid");
  EXPECT_THROW(reset(token, "newer hash"), std::exception);
  EXPECT_EQ(password_hash(ada), "new hash") << "neither without the other";
  EXPECT_EQ(holder(token), ada);
}

TEST_F(AccountTokensTest, TakesATokenForItsOwnPurposeOnly) {
  const UserId ada = account("ada@example.org");
  const std::string to_verify = verify_token(ada)->token;
  const std::string to_reset = reset_token("ada@example.org")->token;
  EXPECT_EQ(reset(to_verify, "new hash"), std::nullopt);
  EXPECT_EQ(holder(to_verify), std::nullopt);
  EXPECT_EQ(verify(to_reset), std::nullopt);
  EXPECT_EQ(verify(to_verify), ada);
}

TEST_F(AccountTokensTest, ReplacesAnEarlierToken) {
  const UserId ada = account("ada@example.org");
  const std::string first = reset_token("ada@example.org")->token;
  const std::string second = reset_token("ada@example.org")->token;
  EXPECT_EQ(reset(first, "new hash"), std::nullopt);
  EXPECT_EQ(reset(second, "new hash"), ada);
}

TEST_F(AccountTokensTest, EndsTokensInTimeAndRemovesThem) {
  const UserId ada = account("ada@example.org");
  EXPECT_EQ(execute("select 1"), "1");
  const std::string to_verify = verify_token(ada)->token;
  const std::string to_reset = reset_token("ada@example.org")->token;
  EXPECT_EQ(execute("select string_agg(extract(epoch from expires_at - created_at)::int::text, ' ' "
                    "order by purpose) from account_tokens"),
            "3600 86400");
  execute(
      "update account_tokens set created_at = now() - interval '2 days', "
      "expires_at = now() - interval '1 second'");
  EXPECT_EQ(verify(to_verify), std::nullopt);
  EXPECT_EQ(holder(to_reset), std::nullopt);
  EXPECT_EQ(reset(to_reset, "new hash"), std::nullopt);
  reset_token("nobody@example.org");
  EXPECT_EQ(execute("select count(*) from account_tokens"), "0");
}

TEST_F(AccountTokensTest, HasNothingForWhoHasNoAddress) {
  EXPECT_FALSE(verify_token(guest()));
  EXPECT_FALSE(verify_token(UserId{1'999'999'999'999}));
  EXPECT_FALSE(reset_token("nobody@example.org"));
  EXPECT_EQ(verify(""), std::nullopt);
  EXPECT_EQ(reset("", "new hash"), std::nullopt);
}

}  // namespace
}  // namespace seendr::app
