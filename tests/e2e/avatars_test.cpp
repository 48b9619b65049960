// A person's picture over HTTP: what is taken, what is refused, who sees it, and where it goes.
#include "support/app_servers.hpp"
#include "support/pictures.hpp"

namespace seendr::test {
namespace {

class AvatarTest : public TwoServers {
 protected:
  http::ClientResponse send(const std::string& method, const std::string& path,
                            const json::value& body, http::Headers headers = {}) {
    headers.add("Content-Type", "application/json");
    return stage.call(here(), method, "/api/v1/" + path, std::move(headers), json::serialize(body));
  }

  Player registered(bool is_public) {
    static int count = 0;
    const std::string email = "face" + std::to_string(++count) + "@example.org";
    const http::ClientResponse made =
        send("POST", "auth/register",
             {{"email", email}, {"password", "correct horse"}, {"display_name", "Ada"}});
    if (made.status != 201) throw std::runtime_error("not registered: " + made.body);
    Player player;
    player.id = text_at(json::parse(made.body).at("user").as_object(), "id");
    player.session = Stage::cookie_value(made.headers);
    send("PATCH", "me", {{"public_profile", is_public}}, player.headers());
    return player;
  }

  http::ClientResponse put(const Player& player, std::string bytes,
                           const std::string& type = "image/png") {
    http::Headers headers = player.headers();
    headers.add("Content-Type", type);
    return stage.call(here(), "PUT", "/api/v1/me/avatar", headers, std::move(bytes));
  }

  // The answer to a PUT of which only the head was sent.
  http::ClientResponse put_head(const http::Headers& headers, std::size_t length) {
    std::string head = "PUT /api/v1/me/avatar HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                       std::to_string(length) + "\r\n";
    for (const auto& [name, value] : headers) head += name + ": " + value + "\r\n";
    return stage.await(answer_to(stage.connect(here()), head + "\r\n"));
  }

  static std::string path_of(const Player& player, const std::string& query = "") {
    return "/api/v1/users/" + player.id + "/avatar" + query;
  }

  http::ClientResponse show(const Player& player, const http::Headers& headers = {},
                            const std::string& query = "") {
    return stage.call(there(), "GET", path_of(player, query), headers);
  }

  // The field of what JSON stands at a path.
  json::value field(const std::string& path, const std::string& name,
                    const http::Headers& headers = {{"Cookie", "theme=dark"}}) {
    const http::ClientResponse got = stage.call(there(), "GET", path, headers);
    const json::object body = json::parse(got.body).as_object();
    const json::value* user = body.if_contains("user");
    return (user ? user->as_object() : body).at(name);
  }

  static void expect_error(const http::ClientResponse& refused, int status,
                           const std::string& code) {
    EXPECT_EQ(refused.status, status) << refused.body;
    const json::object body = json::parse(refused.body).as_object();
    EXPECT_EQ(text_at(body, "code"), code);
    EXPECT_FALSE(text_at(body, "error").empty());
    EXPECT_FALSE(text_at(body, "request_id").empty());
  }

 private:
  static awaitable<http::ClientResponse> answer_to(std::shared_ptr<http::Client> client,
                                                   std::string head) {
    co_await client->send_raw(std::move(head));
    co_return co_await client->read_response(false);
  }
};

TEST_F(AvatarTest, ShowsWhatWasSentOnEveryProcessInThreeSizes) {
  const Player ada = registered(true);

  const http::ClientResponse sent = put(ada, encode(plain(300, kBlue), ".jpg"), "image/jpeg");

  ASSERT_EQ(sent.status, 200) << sent.body;
  const std::string path = text_at(json::parse(sent.body).at("user").as_object(), "avatar");
  EXPECT_EQ(path.rfind(path_of(ada, "?v="), 0), 0U) << path;
  for (const int side : {64, 256, 512}) {
    const http::ClientResponse shown =
        stage.call(there(), "GET", path + "&size=" + std::to_string(side));
    EXPECT_EQ(shown.status, 200);
    EXPECT_EQ(shown.headers.get("Content-Type"), "image/webp");
    EXPECT_EQ(shown.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(shown.headers.get("Cache-Control"), "public, max-age=300");
    const Picture picture = decode_webp(shown.body);
    EXPECT_EQ(vips_image_get_width(picture.get()), side);
    EXPECT_GT(pixel_at(picture, side / 2, side / 2).at(2), 200);
  }
  const http::ClientResponse usual = stage.call(here(), "GET", path);
  EXPECT_EQ(usual.body, show(ada, {}, "?size=256").body);
  const http::ClientResponse head = stage.call(here(), "HEAD", path);
  EXPECT_EQ(head.headers.get("Content-Length"), std::to_string(usual.body.size()));
  EXPECT_EQ(head.headers.get("ETag"), usual.headers.get("ETag"));
  for (const char* wrong : {"?size=128", "?size=", "?size=64px", "?size=-64"}) {
    expect_error(show(ada, {}, wrong), 400, "bad_request");
  }
}

TEST_F(AvatarTest, ConfirmsWhatTheReaderHasUntilThereIsAnother) {
  const Player ada = registered(true);
  put(ada, encode(plain(64, kBlue), ".png"));
  const std::string etag(show(ada).headers.get("ETag"));
  ASSERT_EQ(etag.front(), '"') << "a strong one";
  const http::Headers has{{"If-None-Match", etag}};
  const http::ClientResponse same = show(ada, has);
  EXPECT_EQ(same.status, 304);
  EXPECT_TRUE(same.body.empty());
  EXPECT_EQ(same.headers.get("ETag"), etag);
  EXPECT_EQ(same.headers.get("Cache-Control"), "public, max-age=300");
  EXPECT_EQ(show(ada, has, "?size=64").status, 200);

  const json::value before = field("/api/v1/users/" + ada.id, "avatar");
  put(ada, encode(plain(64, kRed), ".webp"), "image/webp");

  EXPECT_EQ(show(ada, has).status, 200);
  EXPECT_NE(field("/api/v1/users/" + ada.id, "avatar"), before) << "another address, too";
}

TEST_F(AvatarTest, LooksAtTheBytesAndNotAtWhatTheyAreCalled) {
  const Player ada = registered(true);
  const std::string png = encode(plain(64, kGreen), ".png");
  EXPECT_EQ(put(ada, png, "text/plain").status, 200);
  const std::string before = show(ada).body;

  const std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>";
  expect_error(put(ada, svg), 415, "unsupported_image");
  expect_error(put(ada, std::string("GIF89a\x01\0\x01\0", 10)), 415, "unsupported_image");
  expect_error(put(ada, ""), 415, "unsupported_image");
  expect_error(put(ada, png.substr(0, png.size() / 2)), 422, "broken_image");
  const std::string photo = encode(busy(200), ".jpg");
  expect_error(put(ada, photo.substr(0, photo.size() / 2)), 422, "broken_image");
  expect_error(put(ada, png_of(50'000, 50'000)), 413, "too_large");
  expect_error(put_head(ada.headers(), (5U << 20) + 1), 413, "too_large");

  EXPECT_EQ(show(ada).body, before) << "what was refused changes nothing";
}

TEST_F(AvatarTest, DoesNotUnpackTheTextsOfAPicture) {
  const Player ada = registered(true);
  const std::string bytes = with_long_texts(encode(plain(64, kGreen), ".png"), 100);
  ASSERT_LT(bytes.size(), 1U << 20) << "and 790 MB in all";

  const http::ClientResponse sent = put(ada, bytes);  // Throws when it takes long.

  EXPECT_EQ(sent.status, 200) << sent.body;
}

TEST_F(AvatarTest, IsForPeopleWithAnAccountOnOurOwnPage) {
  const std::size_t much = 5U << 20;  // That is not sent: nobody waits for it.
  expect_error(put_head({}, much), 401, "unauthorized");
  expect_error(put_head(stage.guest(here()).headers(), much), 403, "forbidden");
  const Player ada = registered(true);
  http::Headers foreign = ada.headers();
  foreign.add("Origin", "https://elsewhere.example");
  expect_error(put_head(foreign, much), 403, "forbidden");
  EXPECT_EQ(stage.call(here(), "DELETE", "/api/v1/me/avatar", foreign).status, 403);
  EXPECT_EQ(stage.call(here(), "DELETE", "/api/v1/me/avatar").status, 401);
  EXPECT_EQ(stage.call(here(), "GET", "/api/v1/me/avatar", ada.headers()).status, 405);
}

TEST_F(AvatarTest, HidesThePictureWithTheProfile) {
  const Player ada = registered(false);
  const Player bob = registered(true);
  ASSERT_EQ(put(ada, encode(plain(64, kGreen), ".png")).status, 200);
  const auto expect_hidden = [&] {
    for (const http::Headers& who : {http::Headers(), bob.headers()}) {
      const http::ClientResponse hidden = show(ada, who);
      expect_error(hidden, 404, "not_found");
      EXPECT_EQ(hidden.headers.get("Cache-Control"), "no-store");
      const http::ClientResponse nobody = show(Player{"999", "", ""}, who);
      EXPECT_EQ(nobody.status, 404);
      EXPECT_EQ(json::parse(nobody.body).at("error"), json::parse(hidden.body).at("error"));
    }
  };

  expect_hidden();
  const http::ClientResponse own = show(ada, ada.headers());
  EXPECT_EQ(own.status, 200);
  EXPECT_EQ(own.headers.get("Cache-Control"), "private, no-cache");

  send("PATCH", "me", {{"public_profile", true}}, ada.headers());
  EXPECT_EQ(show(ada).status, 200);
  EXPECT_EQ(show(ada, bob.headers()).headers.get("Cache-Control"), "public, max-age=300");

  backend().run({"admin", "ban", ada.id, "--reason", "unkind"}, std::chrono::seconds(30));
  expect_hidden();
}

TEST_F(AvatarTest, StandsInTheProfileAndInTheExportUntilItIsTakenAway) {
  const Player ada = registered(true);
  const std::string profile = "/api/v1/users/" + ada.id;
  EXPECT_TRUE(field("/api/v1/me", "avatar", ada.headers()).is_null());
  EXPECT_TRUE(field("/api/v1/me/export", "avatar", ada.headers()).is_null());
  EXPECT_TRUE(field(profile, "avatar").is_null());

  put(ada, encode(plain(64, kGreen), ".png"));

  const json::value path = field("/api/v1/me", "avatar", ada.headers());
  EXPECT_EQ(stage.call(here(), "GET", std::string(path.as_string())).status, 200);
  EXPECT_EQ(field(profile, "avatar"), path);
  EXPECT_EQ(field(profile, "display_name").as_string(), "Ada");
  const json::object exported = field("/api/v1/me/export", "avatar", ada.headers()).as_object();
  EXPECT_EQ(exported.at("path"), path);
  EXPECT_EQ(text_at(exported, "updated_at").size(), 20U);
  const std::string old = stage.call(here(), "GET", "/api/profiles/" + ada.id + "/").body;
  EXPECT_EQ(old.find("avatar"), std::string::npos) << "the older surface stays as it is";

  EXPECT_EQ(stage.call(here(), "DELETE", "/api/v1/me/avatar", ada.headers()).status, 204);

  EXPECT_EQ(show(ada).status, 404);
  EXPECT_TRUE(field(profile, "avatar").is_null());
  EXPECT_TRUE(field("/api/v1/me", "avatar", ada.headers()).is_null());
  EXPECT_EQ(stage.call(here(), "DELETE", "/api/v1/me/avatar", ada.headers()).status, 204);
}

TEST_F(AvatarTest, IsTakenAwayByWhoModerates) {
  const Player ada = registered(true);
  const std::string profile = "/api/v1/users/" + ada.id;
  put(ada, encode(plain(64, kGreen), ".png"));
  ASSERT_FALSE(field(profile, "avatar").is_null());
  const auto remove = [&] {
    return backend().run({"admin", "remove-avatar", ada.id}, std::chrono::seconds(30));
  };

  EXPECT_NE(remove().find("removed\t" + ada.id), std::string::npos);

  EXPECT_EQ(show(ada).status, 404);
  EXPECT_TRUE(field("/api/v1/me", "avatar", ada.headers()).is_null());
  registered(true);  // Whoever changes something tells the cache what others left.
  EXPECT_TRUE(field(profile, "avatar").is_null());
  std::string failure;
  try {
    remove();
  } catch (const std::runtime_error& error) {
    failure = what(error);
  }
  EXPECT_NE(failure.find(ada.id + " has no picture"), std::string::npos) << failure;
}

TEST_F(AvatarTest, GoesWithTheAccount) {
  const Player ada = registered(true);
  put(ada, encode(plain(64, kGreen), ".png"));
  ASSERT_EQ(show(ada).status, 200);
  EXPECT_EQ(send("DELETE", "me", {{"password", "correct horse"}}, ada.headers()).status, 204);
  EXPECT_EQ(show(ada).status, 404);
  EXPECT_EQ(backend().database().execute("select count(*) from avatars where user_id = " + ada.id),
            "0");
}

class AvatarLimitTest : public AvatarTest {
 protected:
  static void SetUpTestSuite() {
    start_servers({"SEENDR_LIMITS_AVATAR=2/3600s", "SEENDR_AVATARS_MAX_BYTES=2000",
                   "SEENDR_AVATARS_MAX_PIXELS=4096"});
  }
};

TEST_F(AvatarLimitTest, LetsAPersonSendOnlySoMany) {
  const Player ada = registered(true);
  const std::string png = encode(plain(64, kGreen), ".png");
  EXPECT_EQ(put(ada, png).status, 200);
  expect_error(put(ada, "no picture"), 415, "unsupported_image");
  const http::ClientResponse third = put(ada, png);
  expect_error(third, 429, "rate_limited");
  EXPECT_FALSE(third.headers.get("Retry-After").empty());
  EXPECT_EQ(put(registered(true), png).status, 200) << "it is counted for each person";
}

TEST_F(AvatarLimitTest, TakesTheSizesFromTheSettings) {
  const Player ada = registered(true);
  expect_error(put_head(ada.headers(), 2001), 413, "too_large");
  expect_error(put(ada, encode(plain(65, kGreen), ".png")), 413, "too_large");
}

}  // namespace
}  // namespace seendr::test
