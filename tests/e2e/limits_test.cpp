// How often something may be done, over all processes and doors together.
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

using namespace std::string_literals;

class LimitsTest : public TwoServers {
 protected:
  static void SetUpTestSuite() {
    start_servers({"SEENDR_LIMITS_MATCHING=10/60s", "SEENDR_LIMITS_SIGN_IN_ACCOUNT=3/60s",
                   "SEENDR_LIMITS_SIGN_IN_ADDRESS=9/60s", "SEENDR_LIMITS_REGISTER_ADDRESS=1/60s",
                   "SEENDR_LIMITS_REPORTS=1/60s", "SEENDR_LIMITS_CHAT=3/60s",
                   "SEENDR_LIMITS_FRAMES_CONNECTION=40/60s",
                   "SEENDR_HTTP_TRUSTED_PROXIES=127.0.0.1/32", "SEENDR_LIMITS_CONNECTIONS_USER=3",
                   "SEENDR_LIMITS_GUEST_ADDRESS=30/60s",
                   // However slow the disk under Redis is: they must count together.
                   "SEENDR_LIMITS_REDIS_TIMEOUT_MS=30000"});
  }

  http::ClientResponse post(const std::string& server, const std::string& path,
                            const json::value& body, http::Headers headers = {}) {
    headers.add("Content-Type", "application/json");
    return stage.call(server, "POST", path, std::move(headers), json::serialize(body));
  }

  // `address`: where it comes from, when not from here.
  int sign_in(const std::string& server, const std::string& email,
              const std::string& address = "") {
    http::Headers headers;
    if (!address.empty()) headers.add("X-Forwarded-For", address);
    return post(server, "/api/v1/auth/login", {{"email", email}, {"password", "wrong horse"}},
                std::move(headers))
        .status;
  }
};

TEST_F(LimitsTest, CountsSearchesOfBothProcessesAndBothDoorsTogether) {
  const Player ada = stage.guest(here());
  Tab tab = stage.article(here(), ada);
  for (int i = 0; i < 5; ++i) {
    tab.say(R"({"action":"find_match"})");
    EXPECT_EQ(tab.hear_text(), R"({"type":"no_match_found"})");
  }
  Tab page = stage.v1(here(), ada);
  for (int i = 0; i < 2; ++i) {
    page.say(R"({"action":"find_match"})");
    page.hear("no_match_found");
  }
  for (int i = 0; i < 3; ++i) {
    const http::ClientResponse found =
        post(there(), "/api/matching/", {{"interests", json::array{}}}, ada.headers());
    EXPECT_EQ(found.status, 200);
    EXPECT_EQ(found.body, R"({"match":null})");
  }

  const http::ClientResponse refused =
      post(there(), "/api/matching/", {{"interests", json::array{}}}, ada.headers());
  tab.say(R"({"action":"find_match","id":"f11"})");
  const json::object error = tab.hear("error");

  EXPECT_EQ(refused.status, 429);
  const json::object body = json::parse(refused.body).as_object();
  EXPECT_EQ(body.size(), 2u) << refused.body;
  EXPECT_EQ(text_at(body, "error"), "Too many requests");
  const std::int64_t wait = body.at("retry_after").as_int64();
  EXPECT_GE(wait, 1);
  EXPECT_LE(wait, 60);
  EXPECT_EQ(refused.headers.get("Retry-After"), std::to_string(wait));
  EXPECT_EQ(refused.headers.get("X-RateLimit-Remaining"), "0");
  EXPECT_EQ(text_at(error, "code"), "rate_limited");
  EXPECT_EQ(text_at(error, "id"), "f11");
  EXPECT_TRUE(error.at("temporary").as_bool());
  EXPECT_GE(error.at("retry_after_ms").as_int64(), 1);
  EXPECT_LE(error.at("retry_after_ms").as_int64(), 60'000);
}

TEST_F(LimitsTest, LetsOthersSearchWhenOneIsLimited) {
  Tab tab = stage.article(here(), stage.guest(here()));
  tab.say(R"({"action":"find_match"})");
  EXPECT_EQ(tab.hear_text(), R"({"type":"no_match_found"})");
}

TEST_F(LimitsTest, CountsSignInAttemptsOnAnAccountFromAnywhereAndFromAnAddress) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sign_in(i % 2 == 0 ? here() : there(), "ada@a.org"), 401);
  EXPECT_EQ(sign_in(there(), "ADA@a.org"), 429);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(sign_in(here(), "b" + std::to_string(i) + "@a.org"), 401);
  const http::ClientResponse refused =
      post(here(), "/api/v1/auth/login", {{"email", "new@a.org"}, {"password", "wrong horse"}});
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(text_at(json::parse(refused.body).as_object(), "code"), "rate_limited");
  EXPECT_FALSE(refused.headers.get("Retry-After").empty());
}

// Spellings that PostgreSQL's lower() takes for the same, or that a C string ends early.
TEST_F(LimitsTest, CountsSignInAttemptsOnAnAccountHoweverItsAddressIsSpelt) {
  backend().database().execute(
      "insert into users (display_name, languages, guest, email, password_hash) "
      "values ('Kim', '{en}', false, 'kim@k.org', 'x')");
  const std::string kelvin = "\xE2\x84\xAA";
  for (const std::string& email : {"kim@k.org"s, kelvin + "im@k.org", "kim@" + kelvin + ".org"}) {
    EXPECT_EQ(sign_in(here(), email, "198.51.100.1"), 401) << email;
  }
  EXPECT_EQ(sign_in(there(), kelvin + "im@" + kelvin + ".org", "198.51.100.1"), 429);
  EXPECT_EQ(sign_in(here(), "kim@k.org\0a"s, "198.51.100.1"), 400);
  EXPECT_EQ(sign_in(here(), "kim@k.org\x7F", "198.51.100.1"), 400);
}

TEST_F(LimitsTest, CountsRegistrationsFromAnAddress) {
  const auto account = [](const std::string& email) {
    return json::value{{"email", email}, {"password", "correct horse"}, {"display_name", "Ada"}};
  };
  EXPECT_EQ(post(here(), "/api/v1/auth/register", account("one@a.org")).status, 201);
  EXPECT_EQ(post(there(), "/api/v1/auth/register", account("two@a.org")).status, 429);
}

TEST_F(LimitsTest, CountsReportsOfAPerson) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);
  json::object report = in_room("report", call.room);
  report["reason"] = "spam";
  a.say(report);
  a.hear("report_ack");
  a.say(report);
  EXPECT_EQ(text_at(a.hear("error"), "code"), "rate_limited");
}

TEST_F(LimitsTest, CountsFramesOfAConnectionAndClosesOneThatFloods) {
  const Player ada = stage.guest(here());
  Tab flood = stage.v1(here(), ada);
  Tab calm = stage.v1(here(), ada);
  const std::string ping = R"({"action":"ping"})";
  for (int i = 0; i < 40; ++i) {
    flood.say(ping);
    flood.hear("pong");
  }
  flood.say(ping);
  const json::object error = flood.hear("error");
  EXPECT_EQ(text_at(error, "code"), "rate_limited");
  EXPECT_TRUE(error.at("temporary").as_bool());
  EXPECT_GE(error.at("retry_after_ms").as_int64(), 1);
  EXPECT_LE(error.at("retry_after_ms").as_int64(), 60'000);
  calm.say(ping);
  calm.hear("pong");

  for (int i = 0; i < 400; ++i) flood.say(ping);
  EXPECT_EQ(flood.closed(), 4013);
  EXPECT_TRUE(calm.open());
}

TEST_F(LimitsTest, CountsChatMessagesOfAConnection) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);
  json::object message = in_room("chat_message", call.room);
  message["text"] = "hello";
  const auto chat = [&](Tab& from, int n) {
    const std::string id = "m" + std::to_string(n);
    message["client_msg_id"] = id;
    message["id"] = id;
    from.say(message);
  };
  for (int n = 1; n <= 3; ++n) {
    chat(a, n);
    a.hear("message_ack");
    b.hear("chat_message");
  }

  chat(a, 4);
  const json::object error = a.hear("error");
  EXPECT_EQ(text_at(error, "code"), "rate_limited");
  EXPECT_EQ(text_at(error, "id"), "m4");
  EXPECT_LE(error.at("retry_after_ms").as_int64(), 60'000);
  chat(b, 1);
  b.hear("message_ack");
  a.hear("chat_message");
  EXPECT_TRUE(b.overhear(Millis(0)).empty()) << "the fourth was not passed on";
}

TEST_F(LimitsTest, CountsTheSocketsOfAPersonInAProcess) {
  const Player ada = stage.guest(here());
  Tab first = stage.article(here(), ada);
  const Tab second = stage.v1(here(), ada);
  const Tab third = stage.v1(here(), ada);
  Tab fourth = stage.open(here(), ada.headers(), "seendr.v1");
  fourth.say(R"({"action":"hello"})");
  EXPECT_EQ(fourth.closed(), 4504);
  EXPECT_EQ(stage.article(here(), ada).closed(), 4504);
  const Tab elsewhere = stage.v1(there(), ada);
  first.cut();
  const auto there_is_room = [&] {
    try {
      stage.v1(here(), ada);
      return true;
    } catch (const std::runtime_error&) {
      return false;  // Not yet.
    }
  };
  EXPECT_TRUE(stage.until(there_is_room));
  EXPECT_TRUE(second.open() && third.open() && elsewhere.open());
}

// The last one with guests.
TEST_F(LimitsTest, CountsGuestsFromAnAddress) {
  const json::value wish{{"adult", true}, {"display_name", "Ada"}};
  int made = 0;
  http::ClientResponse answer;
  for (bool more = true; more && made <= 30; made += more ? 1 : 0) {
    answer = post(made % 2 == 0 ? here() : there(), "/api/v1/auth/guest", wish);
    more = answer.status == 201;
  }
  EXPECT_GT(made, 10) << "those of the other tests count, too";
  EXPECT_LE(made, 30);
  EXPECT_EQ(answer.status, 429);
  EXPECT_FALSE(answer.headers.get("Retry-After").empty());
}

}  // namespace
}  // namespace seendr::test
