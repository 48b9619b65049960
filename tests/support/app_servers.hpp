// A fixture with two `seendr serve` processes on one Redis and one PostgreSQL, shared by the tests
// of a file. Tests keep apart by languages that nobody else speaks.
#pragma once

#include <cstdio>
#include <optional>

#include <gtest/gtest.h>

#include "codec/text.hpp"
#include "support/app_stage.hpp"
#include "support/serve.hpp"

namespace seendr::test {

// Every byte as it may stand in a query.
inline std::string in_query(std::string_view text) {
  std::string out;
  for (const char byte : text) out += "%" + to_hex(bytes(std::string_view(&byte, 1)));
  return out;
}

class TwoServers : public testing::Test {
 protected:
  // A file with settings of its own calls this from its SetUpTestSuite().
  static void start_servers(const std::vector<std::string>& settings) {
    parts().emplace();
    Backend& backend = parts()->backend;
    for (const char* limit : {"MATCHING", "GUEST_ADDRESS", "REGISTER_ADDRESS", "SIGN_IN_ADDRESS",
                              "SIGN_IN_ACCOUNT", "CONNECTIONS_ADDRESS"}) {
      backend.set(std::string("SEENDR_LIMITS_") + limit + "=off");
    }
    backend.set("SEENDR_AUTH_HASH_MEMORY_KIB=8192");
    for (const std::string& setting : settings) backend.set(setting);
    parts()->first.emplace(backend);
    parts()->second.emplace(backend);
  }

  static void SetUpTestSuite() { start_servers({}); }
  static void TearDownTestSuite() { parts().reset(); }

  static Backend& backend() { return parts()->backend; }
  static const std::string& here() { return parts()->first->url(); }
  static const std::string& there() { return parts()->second->url(); }
  static ServeProcess& first() { return *parts()->first; }

  // Two people who can meet nobody but one another.
  std::pair<Player, Player> pair_of_guests() {
    const std::string language = Stage::new_language();
    Player ada = stage.guest(here(), language);
    Player bob = stage.guest(here(), language);
    return {ada, bob};
  }

  // Both search, and each gets their match_found.
  struct Call {
    std::string room;
    json::object ada;
    json::object bob;
  };
  static Call meet(Tab& ada, Tab& bob) {
    const json::object search{{"action", "find_match"}, {"policy", "any"}, {"wait", true}};
    ada.say(search);
    bob.say(search);
    Call call;
    call.ada = ada.hear("match_found");
    call.bob = bob.hear("match_found");
    call.room = text_at(call.ada, "room_id");
    EXPECT_EQ(text_at(call.bob, "room_id"), call.room);
    return call;
  }

  // An object {"action": action, "room_id": room}, to be added to.
  static json::object in_room(std::string_view action, const std::string& room) {
    return json::object{{"action", action}, {"room_id", room}};
  }

  // What the processes wrote goes with a failure.
  void TearDown() override {
    if (!HasFailure()) return;
    std::printf("--- first ---\n%s--- second ---\n%s", parts()->first->output().c_str(),
                parts()->second->output().c_str());
  }

  Stage stage;

 private:
  struct Parts {
    Backend backend;
    std::optional<ServeProcess> first;
    std::optional<ServeProcess> second;
  };
  static std::optional<Parts>& parts() {
    static std::optional<Parts> all;
    return all;
  }
};

}  // namespace seendr::test
