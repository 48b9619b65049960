// What the server says in seendr.v1, compared with tests/golden/frames/v1/server. Clients say the
// examples beside those, each with the room it is about.
#include <set>

#include "channels/message_format.hpp"
#include "support/app_servers.hpp"
#include "support/golden.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

// Of what stands under these names only the kind is compared, as is that of every number.
// "user.id": that of `user`; the id of a frame is the client's own.
const std::set<std::string> kVarying = {"room_id", "partner_id",   "from",      "session_id",
                                        "user.id", "block_id",     "language",  "username",
                                        "polite",  "resume_token", "credential"};

json::value outline(const json::value& value, const std::string& name) {
  if (name == "wait_ms") return "null until enough people were matched";
  if (const json::object* object = value.if_object()) {
    json::object out;
    for (const auto& [key, inner] : *object) {
      const std::string path = name == "user" ? "user." + std::string(key) : std::string(key);
      // How many people search by which interest depends on who was here a moment ago.
      out[name == "interests" ? "slug" : key] = outline(inner, path);
    }
    return out;
  }
  if (const json::array* array = value.if_array()) {
    json::array out;
    for (const json::value& item : *array) out.push_back(outline(item, name));
    return out;
  }
  if (value.is_number()) return "a number";
  if (kVarying.contains(name)) return value.is_string() ? "a text" : "true or false";
  return value;
}

class FramesTest : public TwoServers {
 protected:
  static void SetUpTestSuite() {
    start_servers({"SEENDR_TURN_URLS=stun:stun.example:3478,turn:turn.example:3478",
                   "SEENDR_TURN_SECRET=north-star"});
  }

  static std::string path_of(const std::string& side, const std::string& name) {
    return std::string(SEENDR_SOURCE_DIR) + "/tests/golden/frames/v1/" + side + "/" + name +
           ".json";
  }

  // The example of an action, about `room` when it has one.
  static json::object example(const std::string& name, const std::string& room = {}) {
    json::object frame = json::parse(read_file(path_of("client", name))).as_object();
    if (frame.contains("room_id")) frame["room_id"] = room;
    return frame;
  }

  static void expect_as(const std::string& name, const json::object& heard) {
    const std::string path = path_of("server", name);
    const std::optional<json::object> golden = json::parse_object(read_file(path));
    if (golden && outline(*golden, "") == outline(heard, "")) return;
    expect_file(path, json::serialize(heard) + "\n");
  }

  // Two guests who share chess, and their tabs; each on a process of its own.
  struct Two {
    Player ada;
    Player bob;
    Tab a;
    Tab b;
  };
  Two two_players() {
    const std::string language = Stage::new_language();
    const Player ada = stage.guest(here(), language, {"chess"});
    const Player bob = stage.guest(here(), language, {"chess"});
    return Two{ada, bob, stage.v1(here(), ada), stage.v1(there(), bob)};
  }

  // A standing search as in the example, among those who speak the same.
  static json::object search() {
    json::object frame = example("find_match");
    for (const char* field : {"languages", "regions", "timeout_ms", "ice_policy"}) {
      frame.erase(field);
    }
    return frame;
  }

  // Somebody who subscribed as in the example, and was told of something in that field: figures of
  // a moment ago may have been empty.
  Tab subscriber(const std::string& name, const std::string& field) {
    const Player carol = stage.guest(here());
    std::optional<Tab> tab;
    json::object snapshot;
    stage.until([&] {
      if (tab) tab->cut();
      tab.emplace(stage.v1(there(), carol));
      tab->say(example(name));
      snapshot = tab->hear("subscribed");
      return snapshot.at(field) != json::value(json::array()) &&
             snapshot.at(field) != json::value(json::object());
    });
    expect_as("subscribed_" + text_at(snapshot, "channel"), snapshot);
    return *tab;
  }

  std::string meet_by_chess(Two& two) {
    two.a.say(search());
    two.b.say(search());
    two.b.hear("match_found");
    return text_at(two.a.hear("match_found"), "room_id");
  }
};

TEST_F(FramesTest, AroundASearch) {
  const std::string language = Stage::new_language();
  const Player ada = stage.guest(here(), language, {"chess"});
  const Player bob = stage.guest(here(), language, {"chess"});
  Tab a = stage.open(here(), ada.headers(), "seendr.v1");
  a.say(example("hello"));
  expect_as("welcome", a.hear("welcome"));
  a.say(example("ping"));
  expect_as("pong", a.hear("pong"));
  a.say(R"({"action":"dance","id":"c1"})");
  expect_as("error", a.hear("error"));
  a.say(R"({"action":"find_match","id":"c1"})");
  expect_as("no_match_found", a.hear("no_match_found"));
  a.say(example("cancel_match"));
  expect_as("match_cancelled", a.hear("match_cancelled"));

  json::object again = search();
  again["id"] = "c2";
  a.say(again);
  json::object searching = json::parse(a.hear_text()).as_object();
  expect_as("searching", searching);
  Tab b = stage.v1(here(), bob);
  b.say(again);
  expect_as("match_found", a.hear("match_found"));
}

TEST_F(FramesTest, InARoom) {
  Two two = two_players();
  const std::string room = meet_by_chess(two);
  for (const char* name : {"signal_description", "signal_candidate", "signal_last_candidate",
                           "signal_renew", "typing", "media_state"}) {
    const json::object frame = example(name, room);
    two.a.say(frame);
    expect_as(name, two.b.hear(text_at(frame, "action")));
  }
  two.a.say(example("ice_servers", room));
  expect_as("ice_servers", two.a.hear("ice_servers"));
  two.a.say(example("chat_message", room));
  expect_as("chat_message", two.b.hear("chat_message"));
  expect_as("message_ack", two.a.hear("message_ack"));
  two.b.cut();
  expect_as("partner_state", two.a.hear("partner_state"));
}

TEST_F(FramesTest, AtTheEndOfARoom) {
  Two two = two_players();
  std::string room = meet_by_chess(two);
  two.a.say(example("leave_room", room));
  expect_as("room_closed", two.a.hear("room_closed"));
  expect_as("partner_left", two.b.hear("partner_left"));

  Two others = two_players();
  room = meet_by_chess(others);
  others.a.say(example("report", room));
  expect_as("report_ack", others.a.hear("report_ack"));
  others.a.say(example("block_in_room", room));
  expect_as("ack", others.a.hear("ack"));
}

TEST_F(FramesTest, WhenThereIsTooMuch) {
  Tab a = stage.v1(here(), stage.guest(here()));
  json::object block = example("block_by_id");
  block.erase("id");
  for (int i = 0; i < 10; ++i) {
    a.say(block);
    a.hear("error");
  }
  a.say(example("block_by_id"));
  expect_as("error_rate_limited", a.hear("error"));
}

TEST_F(FramesTest, ToWhoSubscribed) {
  Two two = two_players();
  meet_by_chess(two);
  Tab tab = subscriber("subscribe", "items");
  Two more = two_players();
  meet_by_chess(more);
  expect_as("trending_update", tab.hear("trending_update"));
  tab.say(example("unsubscribe"));
  expect_as("ack_unsubscribe", tab.hear("ack"));
}

TEST_F(FramesTest, ToWhoWatchesTheQueue) {
  Two two = two_players();
  two.a.say(search());
  Tab tab = subscriber("subscribe_queue", "interests");
  two.a.say(R"({"action":"cancel_match"})");
  json::object update;
  while (!update.contains("interests") || !update.contains("searching")) {
    for (const auto& field : tab.hear("queue_update")) update[field.key()] = field.value();
  }
  update.erase("online");  // Whether people came in the meantime as well is a matter of luck.
  expect_as("queue_update", update);
}

TEST_F(FramesTest, FromAnotherProgram) {
  const Player ada = stage.guest(here());
  Tab a = stage.v1(here(), ada);
  a.settle();
  const redis::Url& url = backend().redis().url();
  const std::string channel =
      stage.redis(url, redis::Command("ZRANGE", "asgi:group:user_" + ada.id, 0, -1))
          .as_array()
          .at(0)
          .text();
  const channels::Envelope envelope{{{"type", "notify"}, {"text", "Your photo is ready."}},
                                    {channel}};
  const std::string bytes = channels::encode(envelope, false, stage.env().random);
  const std::string inbox = "asgi" + channel.substr(0, channel.find('!') + 1);
  stage.redis(url, redis::Command("ZADD", inbox, std::to_string(std::time(nullptr)), bytes));
  expect_as("notification", a.hear("notification"));
}

TEST_F(FramesTest, WhenTheProcessStops) {
  ServeProcess leaving(backend());
  Tab a = stage.v1(leaving.url(), stage.guest(leaving.url()));
  leaving.process().signal(SIGTERM);
  expect_as("go_away", a.hear("go_away"));
}

}  // namespace
}  // namespace seendr::test
