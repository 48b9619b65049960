// Blocks, reports and bans, across processes.
#include "match/keys.hpp"
#include "support/app_servers.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class SafetyTest : public TwoServers {
 protected:
  // The cool-down would keep former partners apart as well; here it ends at once.
  static void SetUpTestSuite() { start_servers({"SEENDR_MATCH_COOLDOWN_MS=1"}); }

  // How many blocks of that person the log of the pool tells of.
  int announced(const Player& player) {
    const redis::Reply log =
        stage.redis(backend().redis().url(),
                    redis::Command("XRANGE", match::shard_key("all", "log"), "-", "+"));
    int count = 0;
    for (const redis::Reply& entry : log.as_array()) {
      const std::string event = entry.as_array().at(1).as_array().at(1).text();
      if (event.starts_with("K|" + player.id + "|")) ++count;
    }
    return count;
  }

  // Somebody with an account; signed in.
  Player registered(const std::string& email) {
    const http::ClientResponse made = post("register", {{"email", email},
                                                        {"password", "correct horse"},
                                                        {"display_name", "Eve"},
                                                        {"adult", true},
                                                        {"languages", {"en"}}});
    Player player;
    player.id = text_at(json::parse(made.body).at("user").as_object(), "id");
    player.session = Stage::cookie_value(made.headers);
    return player;
  }

  http::ClientResponse sign_in(const std::string& email) {
    return post("login", {{"email", email}, {"password", "correct horse"}});
  }

  http::ClientResponse post(const std::string& what, const json::value& body) {
    return stage.call(here(), "POST", "/api/v1/auth/" + what,
                      {{"Content-Type", "application/json"}}, json::serialize(body));
  }

  const std::string search = R"({"action":"find_match","policy":"any","wait":true})";
};

TEST_F(SafetyTest, NeverPairsTwoAgainAfterABlockUntilItIsTakenBack) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);
  a.say(in_room("block", call.room));
  EXPECT_EQ(text_at(b.hear("partner_left"), "reason"), "left") << "nobody learns who blocked them";
  const std::string block = text_at(a.hear("ack"), "block_id");
  EXPECT_FALSE(block.empty());
  a.say(search);
  b.say(search);
  EXPECT_TRUE(a.overhear(1500ms).empty());
  EXPECT_TRUE(b.overhear(0ms).empty());

  const std::string path = "/api/v1/blocks/" + block;
  EXPECT_EQ(stage.call(here(), "DELETE", path, bob.headers()).status, 404) << "not theirs";
  EXPECT_EQ(stage.call(here(), "DELETE", path, ada.headers()).status, 204);
  EXPECT_EQ(stage.call(here(), "DELETE", path, ada.headers()).status, 404);
  EXPECT_EQ(text_at(a.hear("match_found"), "room_id"), text_at(b.hear("match_found"), "room_id"));
}

TEST_F(SafetyTest, KeepsTwoApartWhileOneOfThemStillBlocks) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);
  a.say(in_room("block", call.room));
  b.hear("partner_left");
  const std::string block = text_at(a.hear("ack"), "block_id");
  b.say(in_room("block", call.room));
  b.hear("ack");
  EXPECT_EQ(stage.call(here(), "DELETE", "/api/v1/blocks/" + block, ada.headers()).status, 204);
  a.say(search);
  b.say(search);
  EXPECT_TRUE(a.overhear(1500ms).empty());
  EXPECT_TRUE(b.overhear(0ms).empty());
}

TEST_F(SafetyTest, KeepsABlockForTheNextVisit) {
  const auto [ada, bob] = pair_of_guests();
  {
    Tab a = stage.v1(here(), ada);
    Tab b = stage.v1(here(), bob);
    const Call call = meet(a, b);
    json::object block{{"action", "block"}, {"user_id", call.ada.at("partner_id")}};
    a.say(block);
    a.hear("ack");
    a.cut();
    b.cut();
  }
  Tab b = stage.v1(there(), bob);
  Tab a = stage.v1(there(), ada);
  a.say(search);
  b.say(search);
  EXPECT_TRUE(a.overhear(1500ms).empty());
}

TEST_F(SafetyTest, BlocksAPersonByTheirIdOnceTheyAreKnownToExist) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  const auto code_for = [&a](const std::string& id) {
    a.say(json::object{{"action", "block"}, {"user_id", id}});
    const json::object error = a.hear("error");
    EXPECT_FALSE(error.at("temporary").as_bool());
    return text_at(error, "code");
  };
  EXPECT_EQ(code_for("1999999999999"), "not_found");
  EXPECT_EQ(code_for("nobody"), "not_found");
  EXPECT_EQ(code_for(ada.id), "bad_request");
  EXPECT_EQ(announced(ada), 0) << "nothing of it was passed on";

  const json::object block{{"action", "block"}, {"user_id", bob.id}};
  a.say(block);
  const std::string id = text_at(a.hear("ack"), "block_id");
  a.say(block);
  EXPECT_EQ(text_at(a.hear("ack"), "block_id"), id) << "the same block";
  a.settle();
  EXPECT_TRUE(stage.until([&, &ada = ada] { return announced(ada) > 0; }));
  EXPECT_EQ(announced(ada), 1);
  a.say(search);
  b.say(search);
  EXPECT_TRUE(a.overhear(1500ms).empty());
}

TEST_F(SafetyTest, LimitsHowManyAPersonBlocksByTheirIds) {
  Tab a = stage.v1(here(), stage.guest(here()));
  const json::object block{{"action", "block"}, {"user_id", "1999999999999"}, {"id", "again"}};
  for (int i = 0; i < 10; ++i) {
    a.say(json::object{{"action", "block"}, {"user_id", "1999999999999"}});
    EXPECT_EQ(text_at(a.hear("error"), "code"), "not_found");
  }
  for (int i = 0; i < 2; ++i) {
    a.say(block);
    const json::object error = a.hear("error");
    EXPECT_EQ(text_at(error, "code"), "rate_limited");
    EXPECT_TRUE(error.at("temporary").as_bool());
    EXPECT_GT(error.at("retry_after_ms").as_int64(), 0);
  }
}

TEST_F(SafetyTest, StoresAReportForTheModerators) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);
  json::object report = in_room("report", call.room);
  report["reason"] = "spam";
  report["note"] = "'; drop table reports; --";
  report["id"] = "r1";
  a.say(report);
  b.hear("partner_left");
  EXPECT_EQ(text_at(a.hear("report_ack"), "id"), "r1");
  const std::string printed = backend().run({"admin", "reports", "--json"}, 30s);
  const std::size_t begin = printed.find("[{");
  ASSERT_NE(begin, std::string::npos) << printed;
  const json::value first =
      json::parse(printed.substr(begin, printed.find('\n', begin) - begin)).at(0);
  EXPECT_EQ(first.at("reporter").as_string(), ada.id);
  EXPECT_EQ(first.at("reported").as_string(), bob.id);
  EXPECT_EQ(first.at("room_id").as_string(), call.room);
  EXPECT_EQ(first.at("note"), report.at("note"));

  const std::string table = backend().run({"admin", "reports", "--limit", "1"}, 30s);
  EXPECT_NE(table.find("id\ttime\treported\treporter\treason\tnote\n"), std::string::npos) << table;
  EXPECT_NE(table.find("\t" + bob.id + "\t" + ada.id + "\tspam\t\"'; drop"), std::string::npos)
      << table;

  report["room_id"] = "a-room-of-others";
  report["id"] = "r2";
  a.say(report);
  EXPECT_EQ(text_at(a.hear("error"), "code"), "not_in_room");
}

TEST_F(SafetyTest, TellsWhoReportedWhenItIsHandled) {
  const auto [ada, bob] = pair_of_guests();
  Tab a = stage.v1(here(), ada);
  backend().database().execute("insert into reports (reporter_id, reported_id, reason) values (" +
                               ada.id + "," + bob.id + ",'spam')");
  const std::string id =
      backend().database().execute("select id from reports where reporter_id = " + ada.id);
  const auto listed = [&] {
    return backend().run({"admin", "reports", "--open"}, 30s).find("\n" + id + "\t");
  };
  EXPECT_NE(listed(), std::string::npos);

  const std::string said = backend().run({"admin", "handle", id, "--by", "Mo"}, 30s);

  EXPECT_NE(said.find("handled\t" + id + "\n"), std::string::npos) << said;
  const json::object told = a.hear("notification").at("data").as_object();
  EXPECT_EQ(text_at(told, "kind"), "report_handled");
  EXPECT_EQ(told.at("data"), json::value(json::object{{"report", id}}));
  EXPECT_EQ(backend().database().execute("select handled_by from reports where id = " + id), "Mo");
  EXPECT_EQ(listed(), std::string::npos);
}

TEST_F(SafetyTest, LogsAReportWithTheConnectionItCameOn) {
  const auto [ada, bob] = pair_of_guests();
  http::Headers headers = ada.headers();
  headers.add("X-Request-Id", "page-of-ada");
  Tab a = stage.open(here(), headers, "seendr.v1");
  a.say(json::object{{"action", "hello"}});
  a.hear("welcome");
  Tab b = stage.v1(there(), bob);
  const Call call = meet(a, b);
  json::object report = in_room("report", call.room);
  report["reason"] = "spam";
  a.say(report);
  a.hear("report_ack");
  const std::string line = R"("connection":"page-of-ada","reporter":")" + ada.id + "\"";
  EXPECT_TRUE(stage.until([&] { return first().output().find(line) != std::string::npos; }));
}

TEST_F(SafetyTest, EndsEverythingOfABannedPersonOnEveryProcess) {
  const Player eve = registered("eve@example.org");
  const Player bob = stage.guest(here(), "en");
  Tab e1 = stage.v1(here(), eve);
  Tab e2 = stage.v1(there(), eve);
  Tab e3 = stage.article(there(), stage.guest(here()));
  Tab b = stage.v1(there(), bob);
  meet(e1, b);
  backend().run({"admin", "ban", eve.id, "--reason", "spam"}, 30s);
  EXPECT_EQ(e1.closed(), 4503);
  EXPECT_EQ(e2.closed(), 4503);
  EXPECT_TRUE(e3.open()) << "somebody else";
  EXPECT_EQ(text_at(b.hear("partner_left"), "reason"), "banned");
  EXPECT_EQ(stage.call(there(), "GET", "/api/v1/me", eve.headers()).status, 401);

  const http::ClientResponse login = sign_in("eve@example.org");
  EXPECT_EQ(login.status, 403);
  EXPECT_EQ(json::parse(login.body).at("code").as_string(), "banned");
  backend().run({"admin", "unban", eve.id}, 30s);
  EXPECT_EQ(sign_in("eve@example.org").status, 200);
}

TEST_F(SafetyTest, LetsABannedPersonInAgainWhenTheDaysAreOver) {
  const Player eve = registered("eva@example.org");
  backend().run({"admin", "ban", eve.id, "--reason", "spam", "--days", "2"}, 30s);
  const std::string of_eve = " from bans where user_id = " + eve.id;
  EXPECT_EQ(backend().database().execute("select until - created_at" + of_eve), "2 days");
  EXPECT_EQ(sign_in("eva@example.org").status, 403);

  backend().database().execute("update bans set until = now() where user_id = " + eve.id);

  const http::ClientResponse login = sign_in("eva@example.org");
  EXPECT_EQ(login.status, 200);
  Player again = eve;
  again.session = Stage::cookie_value(login.headers);
  stage.v1(there(), again).settle();
}

}  // namespace
}  // namespace seendr::test
