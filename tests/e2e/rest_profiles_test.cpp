// Public profiles over HTTP: who is shown, pages, and that nobody reads less than was answered.
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class RestProfilesTest : public TwoServers {
 protected:
  http::ClientResponse send(const std::string& server, std::string method, const std::string& path,
                            const json::value& body, http::Headers headers = {}) {
    headers.add("Content-Type", "application/json");
    return stage.call(server, std::move(method), path, std::move(headers), json::serialize(body));
  }

  // Somebody with an account who opted in.
  Player open_person(const std::string& name, const std::string& language) {
    static int count = 0;
    const std::string email = "p" + std::to_string(++count) + "@example.org";
    const http::ClientResponse made = send(here(), "POST", "/api/v1/auth/register",
                                           {{"email", email},
                                            {"password", "correct horse"},
                                            {"display_name", name},
                                            {"languages", {language}},
                                            {"adult", true}});
    if (made.status != 201) throw std::runtime_error("not registered: " + made.body);
    Player player;
    player.id = text_at(json::parse(made.body).at("user").as_object(), "id");
    player.session = Stage::cookie_value(made.headers);
    change(here(), player, {{"public_profile", true}});
    return player;
  }

  void change(const std::string& server, const Player& player, const json::value& fields) {
    const http::ClientResponse changed =
        send(server, "PATCH", "/api/v1/me", fields, player.headers());
    EXPECT_EQ(changed.status, 200) << changed.body;
  }

  // For somebody with a cookie, to whom nothing old is shown; what strangers may see for a moment
  // is in cache_loss_test.cpp.
  http::ClientResponse profile(const std::string& server, const std::string& id) {
    return stage.call(server, "GET", "/api/profiles/" + id + "/", reader_);
  }

  json::object list(const std::string& query) {
    const http::ClientResponse found =
        stage.call(here(), "GET", "/api/profiles/?" + query, reader_);
    EXPECT_EQ(found.status, 200) << found.body;
    return json::parse(found.body).as_object();
  }

  static std::string names(const json::object& page) {
    std::string out;
    for (const json::value& item : page.at("items").as_array()) {
      out += text_at(item.as_object(), "display_name") + ",";
    }
    return out;
  }

  const http::Headers reader_{{"Cookie", "theme=dark"}};
};

TEST_F(RestProfilesTest, ShowsWhoOptedInWithWhatOthersMaySee) {
  const Player ada = open_person("Ada", "en");
  send(here(), "PUT", "/api/v1/me/interests", {{"interests", {"music", "chess"}}}, ada.headers());

  const http::ClientResponse shown = profile(there(), ada.id);

  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(json::parse(shown.body), json::value({{"id", ada.id},
                                                  {"display_name", "Ada"},
                                                  {"languages", {"en"}},
                                                  {"region", ""},
                                                  {"interests", {"music", "chess"}}}));
  EXPECT_EQ(stage.call(here(), "GET", "/api/profiles/" + ada.id).body, shown.body);
}

TEST_F(RestProfilesTest, HidesGuestsOthersAndWhatIsNoId) {
  const Player guest = stage.guest(here());
  change(here(), guest, {{"public_profile", true}});
  const Player shy = open_person("Shy", "en");
  change(here(), shy, {{"public_profile", false}});
  for (const std::string& id : {guest.id, shy.id, std::string("1"), std::string("x%27--")}) {
    EXPECT_EQ(profile(here(), id).status, 404) << id;
  }
}

TEST_F(RestProfilesTest, ConfirmsWhatTheReaderHasAlready) {
  const Player ada = open_person("Ada", "en");
  const http::ClientResponse first = profile(here(), ada.id);
  const std::string etag(first.headers.get("ETag"));
  ASSERT_FALSE(etag.empty());
  const http::Headers has{{"If-None-Match", etag}, {"Cookie", "theme=dark"}};
  const std::string path = "/api/profiles/" + ada.id + "/";
  const http::ClientResponse same = stage.call(there(), "GET", path, has);
  EXPECT_EQ(same.status, 304);
  EXPECT_TRUE(same.body.empty());
  change(here(), ada, {{"display_name", "Ada L."}});
  EXPECT_EQ(stage.call(there(), "GET", path, has).status, 200);
}

TEST_F(RestProfilesTest, ReadsEveryWriteThatWasAnsweredOnEveryProcess) {
  const std::string language = Stage::new_language();
  const Player ada = open_person("Ada", language);
  for (int i = 0; i < 20; ++i) {
    const std::string name = "Ada " + std::to_string(i);
    change(i % 2 == 0 ? here() : there(), ada, {{"display_name", name}});
    const http::ClientResponse read = profile(i % 3 == 0 ? here() : there(), ada.id);
    ASSERT_EQ(text_at(json::parse(read.body).as_object(), "display_name"), name);
    ASSERT_EQ(names(list("language=" + language)), name + ",");
  }
  change(there(), ada, {{"public_profile", false}});
  EXPECT_EQ(profile(here(), ada.id).status, 404);
  EXPECT_EQ(names(list("language=" + language)), "");
}

TEST_F(RestProfilesTest, SeesChangesThatNobodyToldTheCacheOf) {
  const Player ada = open_person("Ada", "en");
  EXPECT_EQ(profile(here(), ada.id).status, 200);
  backend().database().execute("update users set display_name = 'Renamed' where id = " + ada.id);
  const Player bob = open_person("Bob", "en");  // Any later change sweeps what was left.
  const json::object shown = json::parse(profile(there(), ada.id).body).as_object();
  EXPECT_EQ(text_at(shown, "display_name"), "Renamed");
  EXPECT_EQ(backend().database().execute("select count(*) from cache_outbox"), "0");
}

TEST_F(RestProfilesTest, ShowsTheNewNameOfAnInterestThatWasRenamed) {
  const Player ada = open_person("Ada", "en");
  send(here(), "PUT", "/api/v1/me/interests", {{"interests", {"westerns"}}}, ada.headers());
  EXPECT_NE(profile(there(), ada.id).body.find(R"(["westerns"])"), std::string::npos);
  backend().database().execute("update interests set slug = 'cowboys' where slug = 'westerns'");
  open_person("Bob", "en");  // Any later change sweeps what was left.
  for (const std::string& server : {here(), there()}) {
    const std::string body = profile(server, ada.id).body;
    EXPECT_NE(body.find(R"(["cowboys"])"), std::string::npos) << body;
  }
}

TEST_F(RestProfilesTest, SeesAtTheNextStartWhatACrashedProcessToldNobody) {
  const Player ada = open_person("Ada", "en");
  EXPECT_EQ(profile(here(), ada.id).status, 200);
  backend().database().execute("update users set display_name = 'Left' where id = " + ada.id);
  const ServeProcess next(backend());
  EXPECT_TRUE(stage.until([&] {
    const json::object shown = json::parse(profile(there(), ada.id).body).as_object();
    return text_at(shown, "display_name") == "Left";
  }));
}

TEST_F(RestProfilesTest, FindsNamesByTheBeginningOfAWordWithoutAccents) {
  const std::string language = Stage::new_language();
  open_person("Élodie Grand-Jean", language);
  open_person("Marie Elodie", language);
  open_person("Melodie", language);
  EXPECT_EQ(names(list("language=" + language + "&search=elod")),
            "Élodie Grand-Jean,Marie Elodie,");
  EXPECT_EQ(names(list("language=" + language + "&search=GRAND%20j")), "Élodie Grand-Jean,");
  EXPECT_EQ(names(list("language=" + language + "&search=%25")), "");
}

TEST_F(RestProfilesTest, FindsNamesInAnyScript) {
  const std::string language = Stage::new_language();
  open_person("Дмитрий Ёлкин", language);
  open_person("Ελένη", language);
  open_person("田中 太郎", language);
  open_person("مُحَمَّد", language);
  open_person("김민준", language);
  const auto found = [&](std::string_view typed) {
    return names(list("language=" + language + "&search=" + in_query(typed)));
  };
  EXPECT_EQ(found("дми"), "Дмитрий Ёлкин,");
  EXPECT_EQ(found("ЕЛК"), "Дмитрий Ёлкин,");
  EXPECT_EQ(found("ελενη"), "Ελένη,");
  EXPECT_EQ(found("太"), "田中 太郎,");
  EXPECT_EQ(found("محمد"), "مُحَمَّد,");
  EXPECT_EQ(found("김민"), "김민준,");
  EXPECT_EQ(found("митрий"), "") << "a word is found by its beginning";
}

TEST_F(RestProfilesTest, GivesPagesThatEndAndRepeatNobody) {
  const std::string language = Stage::new_language();
  for (int i = 0; i < 23; ++i) open_person("Person " + std::to_string(i), language);
  const json::object first = list("language=" + language);
  EXPECT_EQ(first.at("items").as_array().size(), 20u);
  const std::string cursor = text_at(first, "next_cursor");
  ASSERT_FALSE(cursor.empty());
  const json::object second = list("language=" + language + "&cursor=" + cursor);
  EXPECT_EQ(names(second), "Person 20,Person 21,Person 22,");
  EXPECT_TRUE(second.at("next_cursor").is_null());
  for (const char* wrong : {"cursor=zzz!", "language=EN", "language=e%27"}) {
    EXPECT_EQ(stage.call(here(), "GET", std::string("/api/profiles?") + wrong).status, 400)
        << wrong;
  }
}

// The last one, as every connection to PostgreSQL has to be made again after it.
TEST_F(RestProfilesTest, AnswersFromTheCacheWhilePostgresIsAway) {
  const Player ada = open_person("Ada", "en");
  const std::string before = profile(here(), ada.id).body;
  shared_postgres()->kill();
  const http::ClientResponse kept = profile(there(), ada.id);
  shared_postgres();
  EXPECT_EQ(kept.status, 200);
  EXPECT_EQ(kept.body, before);
}

}  // namespace
}  // namespace seendr::test
