// What becomes of limits while the state Redis is away: each process counts alone by the same
// ones, and all count together again when it is back.
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class LimitsOutageTest : public TwoServers {
 protected:
  static void SetUpTestSuite() {
    start_servers({"SEENDR_LIMITS_MATCHING=3/60s", "SEENDR_LIMITS_SIGN_IN_ACCOUNT=3/60s",
                   "SEENDR_LIMITS_GUEST_ADDRESS=off", "SEENDR_REDIS_COMMAND_TIMEOUT_MS=2000"});
  }

  // Redis is there again for the next test, whatever happened, and everything works.
  void TearDown() override {
    backend().redis().restart();
    EXPECT_TRUE(stage.until([&] { return ready(here()) && ready(there()); }));
    TwoServers::TearDown();
  }

  bool ready(const std::string& server) {
    return stage.call(server, "GET", "/readyz").status == 200;
  }

  // The status that somebody gets who does not know the password; it comes soon.
  int sign_in(const std::string& server, const std::string& email) {
    const auto start = std::chrono::steady_clock::now();
    const http::Headers headers{{"Content-Type", "application/json"}};
    const json::value body{{"email", email}, {"password", "wrong horse"}};
    const http::ClientResponse answer =
        stage.call(server, "POST", "/api/v1/auth/login", headers, json::serialize(body));
    EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
    if (answer.status == 429) {
      EXPECT_FALSE(answer.headers.get("Retry-After").empty());
    }
    return answer.status;
  }
};

TEST_F(LimitsOutageTest, EachProcessCountsSignInsAloneWhileRedisIsAwayAndAllTogetherAfterwards) {
  EXPECT_EQ(sign_in(here(), "ada@a.org"), 401);
  EXPECT_EQ(sign_in(there(), "ada@a.org"), 401);
  backend().redis().kill9();

  for (const std::string& server : {here(), there()}) {
    for (int i = 0; i < 2; ++i) EXPECT_EQ(sign_in(server, "ada@a.org"), 401) << i;
    EXPECT_EQ(sign_in(server, "ada@a.org"), 429);
    EXPECT_EQ(sign_in(server, "bob@a.org"), 401);
  }

  backend().redis().start();
  const auto back = std::chrono::steady_clock::now();
  EXPECT_TRUE(stage.until([&] { return sign_in(here(), "ada@a.org") == 401; }));  // The third.
  EXPECT_LT(std::chrono::steady_clock::now() - back, 2s);
  EXPECT_TRUE(stage.until([&] { return ready(there()); }));
  EXPECT_EQ(sign_in(there(), "ada@a.org"), 429);
  EXPECT_EQ(sign_in(here(), "ada@a.org"), 429);
}

TEST_F(LimitsOutageTest, SearchesAreCountedWhileRedisIsAway) {
  Tab tab = stage.v1(here(), stage.guest(here()));
  backend().redis().kill9();
  EXPECT_TRUE(stage.until([&] { return !ready(here()); }));

  std::vector<std::string> codes;
  for (int i = 0; i < 4; ++i) {
    tab.say(R"({"action":"find_match","policy":"any"})");
    codes.push_back(text_at(tab.hear("error"), "code"));
  }

  EXPECT_EQ(codes,
            (std::vector<std::string>{"overloaded", "overloaded", "overloaded", "rate_limited"}));
}

TEST_F(LimitsOutageTest, WhatNeedsRedisItselfSaysSoAndWorksAgainAfterwards) {
  backend().redis().kill9();
  const http::Headers headers{{"Content-Type", "application/json"}};
  const http::ClientResponse refused =
      stage.call(here(), "POST", "/api/v1/auth/guest", headers,
                 json::serialize(json::value{{"display_name", "Ada"}, {"adult", true}}));
  EXPECT_EQ(refused.status, 503) << refused.body;

  backend().redis().start();
  const auto back = std::chrono::steady_clock::now();
  const auto works = [&] {
    return stage
               .call(here(), "POST", "/api/v1/auth/guest", headers,
                     json::serialize(json::value{{"display_name", "Ada"}, {"adult", true}}))
               .status == 201;
  };
  EXPECT_TRUE(stage.until(works));
  EXPECT_LT(std::chrono::steady_clock::now() - back, 2s);
}

}  // namespace
}  // namespace seendr::test
