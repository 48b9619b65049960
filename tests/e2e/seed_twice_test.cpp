// `seendr seed` again: the same people, found and not doubled.
#include <gtest/gtest.h>

#include "lab/people.hpp"
#include "support/app_stage.hpp"
#include "support/serve.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class SeedTwiceTest : public testing::Test {
 protected:
  std::vector<lab::Person> seed(const std::string& users) {
    const std::string file = folder_.path() + "/people";
    backend_.run({"seed", "--users", users, "--seed", "7", "--users-file", file}, 60s);
    return lab::read_people(file);
  }

  Backend backend_;
  TempFolder folder_;
};

TEST_F(SeedTwiceTest, FindsThePeopleOfTheSameSeedAndSignsThemInOnceMore) {
  const std::vector<lab::Person> before = seed("30");
  const std::string interests = "select count(*) from user_interests";
  const std::string chosen = backend_.database().execute(interests);
  const std::vector<lab::Person> again = seed("30");

  ASSERT_EQ(before.size(), 30U);
  ASSERT_EQ(again.size(), 30U);
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(again[i].user, before[i].user);
    EXPECT_EQ(again[i].interests, before[i].interests);
    EXPECT_NE(again[i].session, before[i].session);
  }
  EXPECT_EQ(backend_.database().execute("select count(*) from users"), "30");
  EXPECT_EQ(backend_.database().execute(interests), chosen);
  const ServeProcess server(backend_);
  Stage stage;
  for (const std::string& session : {before[0].session, again[0].session}) {
    const http::Headers cookie{{"Cookie", "sessionid=" + session}};
    EXPECT_EQ(stage.call(server.url(), "GET", "/api/v1/me", cookie).status, 200);
  }
}

TEST_F(SeedTwiceTest, AddsWhoIsMissing) {
  const std::vector<lab::Person> few = seed("10");
  const std::vector<lab::Person> more = seed("15");

  ASSERT_EQ(more.size(), 15U);
  for (std::size_t i = 0; i < few.size(); ++i) EXPECT_EQ(more[i].user, few[i].user);
  EXPECT_EQ(backend_.database().execute("select count(*) from users"), "15");
}

}  // namespace
}  // namespace seendr::test
