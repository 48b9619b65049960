// Accounts over HTTP: guests, registration, sign-in, one's own profile; interests and presence.
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class AccountsTest : public TwoServers {
 protected:
  http::ClientResponse post(const std::string& path, const json::value& body,
                            const http::Headers& session = {}) {
    return send("POST", path, body, session);
  }

  http::ClientResponse send(std::string method, const std::string& path, const json::value& body,
                            http::Headers headers) {
    headers.add("Content-Type", "application/json");
    return stage.call(here(), std::move(method), path, std::move(headers), json::serialize(body));
  }

  static json::object user_in(const http::ClientResponse& response) {
    return json::parse(response.body).at("user").as_object();
  }

  static http::Headers cookie(const std::string& session) {
    return {{"Cookie", "sessionid=" + session}};
  }

  // An address nobody registered yet.
  static std::string address() {
    static int count = 0;
    return "ada" + std::to_string(++count) + "@example.org";
  }

  int me_status(const std::string& session, const std::string& server) {
    return stage.call(server, "GET", "/api/v1/me", cookie(session)).status;
  }
};

TEST_F(AccountsTest, MakesAGuestWithASessionThatHoldsOnEveryProcess) {
  const http::ClientResponse made =
      post("/api/v1/auth/guest", {{"adult", true}, {"languages", {"en", "fr"}}, {"region", "eu"}});
  EXPECT_EQ(made.status, 201);
  const json::object user = user_in(made);
  EXPECT_TRUE(user.at("guest").as_bool());
  EXPECT_EQ(user.at("languages"), json::value({"en", "fr"}));
  EXPECT_EQ(text_at(user, "region"), "eu");
  EXPECT_TRUE(user.at("interests").as_array().empty());
  EXPECT_GE(std::stoll(text_at(user, "id")), 1'000'000'000'000);
  const std::string set(made.headers.get("Set-Cookie"));
  EXPECT_NE(set.find("; HttpOnly"), std::string::npos) << set;
  EXPECT_NE(set.find("; SameSite=Lax"), std::string::npos) << set;
  EXPECT_EQ(set.find("; Secure"), std::string::npos) << "plain HTTP: " << set;
  EXPECT_NE(set.find("; Max-Age=7776000"), std::string::npos)
      << "as long as it may be used: " << set;
  const std::string session = Stage::cookie_value(made.headers);
  EXPECT_EQ(session.size(), 43u) << "32 random bytes in base64url";
  EXPECT_EQ(me_status(session, here()), 200);
  EXPECT_EQ(me_status(session, there()), 200);
}

TEST_F(AccountsTest, KeepsIdAndInterestsOfAGuestWhoRegisters) {
  const Player guest = stage.guest(here(), "en", {"music", "chess"});
  const json::value account{
      {"email", address()}, {"password", "correct horse"}, {"display_name", "Ada"}};
  const http::ClientResponse made = post("/api/v1/auth/register", account, guest.headers());
  EXPECT_EQ(made.status, 201) << made.body;
  const json::object user = user_in(made);
  EXPECT_EQ(text_at(user, "id"), guest.id);
  EXPECT_FALSE(user.at("guest").as_bool());
  EXPECT_EQ(user.at("interests"), json::value({"music", "chess"}));
  EXPECT_NE(Stage::cookie_value(made.headers), guest.session);
  EXPECT_EQ(me_status(guest.session, there()), 401) << "the session is a new one";
  EXPECT_EQ(post("/api/v1/auth/register", account).status, 409);
}

TEST_F(AccountsTest, KeepsWhatAGuestSaidUnlessTheRegistrationSaysOtherwise) {
  const Player silent = stage.guest(here(), "fr");
  const Player saying = stage.guest(here(), "fr");
  for (const Player& guest : {silent, saying}) {
    send("PATCH", "/api/v1/me", {{"hide_address", true}}, guest.headers());
  }
  json::object account{
      {"email", address()}, {"password", "correct horse"}, {"display_name", "Ada"}};
  const json::object kept = user_in(post("/api/v1/auth/register", account, silent.headers()));
  account["email"] = address();
  account["languages"] = {"de", "en"};
  account["region"] = "na";
  const json::object changed = user_in(post("/api/v1/auth/register", account, saying.headers()));

  EXPECT_EQ(kept.at("languages"), json::value(json::array{"fr"}));
  EXPECT_EQ(text_at(kept, "region"), "eu");
  EXPECT_TRUE(kept.at("hide_address").as_bool());
  EXPECT_TRUE(kept.at("adult").as_bool());
  EXPECT_EQ(changed.at("languages"), json::value({"de", "en"}));
  EXPECT_EQ(text_at(changed, "region"), "na");
  EXPECT_TRUE(changed.at("hide_address").as_bool());
}

TEST_F(AccountsTest, KeepsTheBlocksOfAGuestWhoRegisters) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  a.say(in_room("block", meet(a, b).room));
  const std::string block = text_at(a.hear("ack"), "block_id");
  const http::ClientResponse made =
      post("/api/v1/auth/register",
           {{"email", address()}, {"password", "correct horse"}, {"display_name", "Ada"}},
           ada.headers());
  const std::string path = "/api/v1/blocks/" + block;
  const http::Headers session = cookie(Stage::cookie_value(made.headers));
  EXPECT_EQ(stage.call(here(), "DELETE", path, session).status, 204);
}

TEST_F(AccountsTest, ClosesTheSocketsOfTheGuestWhoSignsInToAnAccount) {
  const std::string email = address();
  post("/api/v1/auth/register",
       {{"email", email}, {"password", "correct horse"}, {"display_name", "Ada"}});
  const Player guest = stage.guest(here());
  Tab near = stage.v1(here(), guest);
  Tab far = stage.article(there(), guest);
  Tab stranger = stage.v1(there(), stage.guest(here()));

  const http::ClientResponse in = post(
      "/api/v1/auth/login", {{"email", email}, {"password", "correct horse"}}, guest.headers());

  EXPECT_EQ(in.status, 200);
  EXPECT_EQ(near.closed(), 4507);
  EXPECT_EQ(far.closed(), 4507) << "on another process, too";
  EXPECT_TRUE(stranger.open());
}

TEST_F(AccountsTest, SignsInWithANewSessionEachTimeAndOutEverywhereAtOnce) {
  const std::string email = address();
  const http::ClientResponse made = post(
      "/api/v1/auth/register",
      {{"email", email}, {"password", "correct horse"}, {"display_name", "Ada"}, {"adult", true}});
  const std::string first = Stage::cookie_value(made.headers);
  const http::ClientResponse in =
      post("/api/v1/auth/login", {{"email", email}, {"password", "correct horse"}}, cookie(first));
  EXPECT_EQ(in.status, 200);
  EXPECT_EQ(text_at(user_in(in), "id"), text_at(user_in(made), "id"));
  const std::string second = Stage::cookie_value(in.headers);
  EXPECT_NE(second, first);
  EXPECT_EQ(me_status(first, here()), 401);
  EXPECT_EQ(post("/api/v1/auth/login", {{"email", email}, {"password", "wrong horse"}}).status,
            401);
  EXPECT_EQ(
      post("/api/v1/auth/login", {{"email", "nobody@example.org"}, {"password", "wrong horse"}})
          .status,
      401);

  Player ada;
  ada.session = second;
  Tab tab = stage.v1(there(), ada);
  EXPECT_EQ(post("/api/v1/auth/logout", json::object{}, cookie(second)).status, 204);
  EXPECT_EQ(tab.closed(), 4507) << "a socket on another process";
  EXPECT_EQ(me_status(second, there()), 401);
}

TEST_F(AccountsTest, ChangesTheOwnProfile) {
  const Player ada = stage.guest(here());
  const http::ClientResponse changed = send(
      "PATCH", "/api/v1/me", {{"display_name", "Ada L."}, {"hide_address", true}}, ada.headers());
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(text_at(user_in(changed), "display_name"), "Ada L.");
  const http::ClientResponse seen = stage.call(there(), "GET", "/api/v1/me", ada.headers());
  EXPECT_EQ(user_in(seen), user_in(changed));
  EXPECT_EQ(send("PATCH", "/api/v1/me", {{"languages", {"EN'--"}}}, ada.headers()).status, 400);
}

TEST_F(AccountsTest, NamesEachInterestItDoesNotKnow) {
  const Player ada = stage.guest(here());
  const http::ClientResponse refused =
      send("PUT", "/api/v1/me/interests", {{"interests", {"music", "nonsuch", "nowhere"}}},
           ada.headers());
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(refused.body.find("nonsuch"), std::string::npos) << refused.body;
  EXPECT_NE(refused.body.find("nowhere"), std::string::npos) << refused.body;
  json::array eleven;
  for (int i = 0; i < 11; ++i) eleven.emplace_back("music");
  EXPECT_EQ(send("PUT", "/api/v1/me/interests", {{"interests", eleven}}, ada.headers()).status,
            400);
  EXPECT_EQ(send("PUT", "/api/v1/me/interests", {{"interests", "music"}}, ada.headers()).status,
            400);
}

TEST_F(AccountsTest, WantsASessionForEverythingOfOnesOwn) {
  EXPECT_EQ(stage.call(here(), "GET", "/api/v1/me").status, 401);
  EXPECT_EQ(send("PATCH", "/api/v1/me", json::object{}, {}).status, 401);
  EXPECT_EQ(send("PUT", "/api/v1/me/interests", {{"interests", json::array{}}}, {}).status, 401);
  EXPECT_EQ(stage.call(here(), "POST", "/api/v1/ws-ticket").status, 401);
  EXPECT_EQ(stage.call(here(), "DELETE", "/api/v1/blocks/1").status, 401);
}

TEST_F(AccountsTest, SuggestsInterestsInBothLanguages) {
  const auto names = [this](const std::string& query) {
    const http::ClientResponse found = stage.call(here(), "GET", "/api/v1/interests?" + query);
    EXPECT_EQ(found.status, 200);
    return found.body;
  };
  EXPECT_NE(names("prefix=coo&lang=en").find(R"("slug":"cooking")"), std::string::npos);
  EXPECT_NE(names("prefix=cui&lang=fr").find(R"("slug":"cooking")"), std::string::npos);
  const json::value popular = json::parse(names(""));
  EXPECT_EQ(popular.at("items").as_array().size(), 12u);
  EXPECT_EQ(json::parse(names("prefix=zzzzqq")).at("items").as_array().size(), 0u);
}

TEST_F(AccountsTest, SuggestsAnInterestByAWordInAnotherScript) {
  backend().database().execute(
      "update interests set also = also || '{Шахматы,囲碁}'::text[] where slug = 'chess'");
  for (const char* typed : {"шах", "ШАХМАТЫ", "囲"}) {
    const std::string path = "/api/v1/interests?prefix=" + in_query(typed);
    const http::ClientResponse found = stage.call(here(), "GET", path);
    EXPECT_NE(found.body.find(R"("slug":"chess")"), std::string::npos) << typed << found.body;
  }
}

TEST_F(AccountsTest, CountsWhoIsThereAndInventsNothing) {
  const Player ada = stage.guest(here());
  Tab tab = stage.v1(there(), ada);
  tab.say(R"({"action":"find_match","wait":true})");
  json::value seen;
  const bool counted = stage.until([&] {
    seen = json::parse(stage.call(here(), "GET", "/api/v1/presence").body);
    return seen.at("online").as_int64() >= 1 && seen.at("searching").as_int64() >= 1;
  });
  EXPECT_TRUE(counted) << json::serialize(seen);
  EXPECT_TRUE(seen.at("usual_by_hour").is_null());
  EXPECT_TRUE(seen.at("wait_ms").is_null());
}

}  // namespace
}  // namespace seendr::test
