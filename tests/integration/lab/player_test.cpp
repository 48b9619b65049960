#include "lab/player.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "http/server.hpp"
#include "lab/crowd.hpp"
#include "support/env.hpp"
#include "support/run.hpp"

namespace seendr::lab {
namespace {

using namespace std::chrono_literals;

// A server that does what the first interest of a search says.
std::string answer_to_search(const json::object& frame) {
  const std::string wish = std::string(frame.at("interests").as_array().at(0).as_string());
  if (wish == "chess") return R"({"type":"match_found","room_id":"r1","partner_id":77})";
  if (wish == "music") return R"({"type":"match_found","room_id":"r2","partner_id":"p1"})";
  if (wish == "nobody") return R"({"type":"no_match_found"})";
  return R"({"type":"error","code":"overloaded","message":"","temporary":true})";
}

std::string answer(const json::object& frame) {
  const std::string action = std::string(frame.at("action").as_string());
  if (action == "hello") return R"({"type":"welcome"})";
  if (action == "find_match") return answer_to_search(frame);
  const bool breaks = frame.if_contains("room_id") && frame.at("room_id") == "r1";
  if (action == "media_state" && !breaks) return R"({"type":"partner_state"})";
  if (action == "media_state") return R"({"type":"partner_left","room_id":"r1","reason":"left"})";
  if (action == "leave_room") return R"({"type":"room_closed","room_id":"r2","reason":"left"})";
  return R"({"type":"error","code":"unknown_action"})";
}

awaitable<http::UpgradeDecision> decide(http::Request request) {
  if (request.cookie("sessionid") != "good") {
    http::Response refusal = http::text(403, "no session");
    co_return http::UpgradeDecision::refuse(std::move(refusal));
  }
  const std::vector<std::string> offered = http::offered_subprotocols(request);
  const std::string chosen = offered.empty() ? "" : offered.front();
  co_return http::UpgradeDecision::accept(chosen, std::any());
}

awaitable<void> serve(std::shared_ptr<http::WebSocket> socket, std::any) {
  for (;;) {
    const std::optional<std::string> text = co_await socket->read();
    if (!text) co_return;
    const std::optional<json::object> frame = json::parse_object(*text);
    if (frame->at("action") == "cancel_match") {
      socket->close(4503);
    } else {
      socket->send(answer(*frame));
    }
  }
}

class PlayerTest : public testing::Test {
 protected:
  PlayerTest()
      : server_(env_, io_.get_executor(), router_, routes_, http::ServerOptions(), counts_),
        tasks_(io_.get_executor(), [](const std::string&, std::exception_ptr) {}) {
    tasks_.spawn("server", server_.run(listener_.acceptor(io_.get_executor())));
  }

  Player& add(Manner manner, std::string interest, std::string session = "good") {
    Person person{"10", std::move(session), {"en"}, "eu", {std::move(interest)}};
    http::ClientTarget target;
    target.port = listener_.port();
    return crowd_.add(std::move(person), std::move(target), manner);
  }

  awaitable<bool> until(std::function<bool()> done) { return crowd_.wait_until(done, 5s); }

  template <class Body>
  void play(Body body) {
    test::run(io_, std::move(body), 20s);
    test::run(io_, [this]() -> awaitable<void> {
      co_await crowd_.close();
      tasks_.cancel();
      co_await tasks_.join();
    });
  }

  std::vector<Defect> defects() const {
    std::vector<Defect> out;
    for (const Violation& violation : crowd_.violations(0ms)) out.push_back(violation.defect);
    return out;
  }

  test::TestEnv test_env_;
  Env env_ = test_env_.real();
  net::io_context io_;
  http::Router router_;
  http::WebSocketRoutes routes_{{"/ws/matching/", decide, serve}};
  http::ConnectionCounts counts_{0, 0};
  http::Listener listener_{http::ListenOptions{"127.0.0.1", 0, false}};
  http::Server server_;
  TaskGroup tasks_;
  Crowd crowd_{env_, io_.get_executor()};
};

TEST_F(PlayerTest, IsToldOfAMatch) {
  Player& player = add(Manner::article, "chess");
  play([&]() -> awaitable<void> {
    co_await crowd_.connect();
    player.search(Wish());
    EXPECT_TRUE(player.searching());
    const auto matched = [&player] {
      return player.room() == "r1";
    };
    const bool told = co_await until(matched);
    EXPECT_TRUE(told);
    EXPECT_FALSE(player.searching());
    EXPECT_EQ(crowd_.witness().waits().size(), 1U);
  });
}

TEST_F(PlayerTest, DoesNotSearchInARoom) {
  Player& player = add(Manner::article, "chess");
  play([&]() -> awaitable<void> {
    co_await crowd_.connect();
    player.search(Wish());
    const auto matched = [&player] {
      return player.room() == "r1";
    };
    const bool told = co_await until(matched);
    EXPECT_TRUE(told);
    player.search(Wish());
    EXPECT_FALSE(player.searching());
  });
}

TEST_F(PlayerTest, IsToldThatThereIsNobody) {
  Player& player = add(Manner::article, "nobody");
  play([&]() -> awaitable<void> {
    co_await crowd_.connect();
    player.search(Wish());
    const auto answered = [&player] {
      return !player.searching();
    };
    const bool told = co_await until(answered);
    EXPECT_TRUE(told);
    EXPECT_EQ(player.room(), "");
  });
}

TEST_F(PlayerTest, SaysHelloAndEntersTheRoomInTheNewProtocol) {
  Player& player = add(Manner::standing, "chess");
  play([&]() -> awaitable<void> {
    co_await crowd_.connect();
    player.search(Wish());
    const auto broke = [this] {
      return defects() == std::vector{Defect::broke_alone};
    };
    const bool entered = co_await until(broke);
    EXPECT_TRUE(entered) << "the server ends the room when it is entered";
  });
}

TEST_F(PlayerTest, LeavesInTheArticlesMannerWithoutAWord) {
  Player& player = add(Manner::article, "chess");
  play([&]() -> awaitable<void> {
    co_await crowd_.connect();
    player.search(Wish());
    const auto matched = [&player] {
      return player.room() == "r1";
    };
    const bool told = co_await until(matched);
    EXPECT_TRUE(told);
    player.cancel();
    player.leave();
    EXPECT_FALSE(player.leaving());
    EXPECT_EQ(player.room(), "");
    player.search(Wish());
    const auto answered = [&player] {
      return !player.searching();
    };
    const bool again = co_await until(answered);  // After whatever was said before.
    EXPECT_TRUE(again);
    EXPECT_TRUE(crowd_.troubles().empty());
  });
}

TEST_F(PlayerTest, LeavesAndWaitsForTheAnswer) {
  Player& player = add(Manner::standing, "music");
  play([&]() -> awaitable<void> {
    co_await crowd_.connect();
    player.search(Wish());
    const auto matched = [&player] {
      return player.room() == "r2";
    };
    const bool told = co_await until(matched);
    EXPECT_TRUE(told);
    player.leave();
    EXPECT_TRUE(player.leaving());
    const auto answered = [&player] {
      return !player.leaving();
    };
    const bool left = co_await until(answered);
    EXPECT_TRUE(left);
    EXPECT_TRUE(defects().empty());
  });
}

TEST_F(PlayerTest, CountsErrors) {
  Player& player = add(Manner::article, "trouble");
  play([&]() -> awaitable<void> {
    co_await crowd_.connect();
    player.search(Wish());
    const auto answered = [&player] {
      return !player.searching();
    };
    const bool told = co_await until(answered);
    EXPECT_TRUE(told);
    EXPECT_EQ(crowd_.troubles().at("error overloaded"), 1U);
  });
}

TEST_F(PlayerTest, RemembersWhyTheServerHungUp) {
  Player& player = add(Manner::standing, "nobody");
  play([&]() -> awaitable<void> {
    co_await crowd_.connect();
    player.cancel();
    const auto hung_up = [&player] {
      return !player.connected();
    };
    const bool closed = co_await until(hung_up);
    EXPECT_TRUE(closed);
    EXPECT_EQ(player.close_code(), 4503);
    EXPECT_EQ(crowd_.troubles().at("closed 4503"), 1U);
  });
}

TEST_F(PlayerTest, SaysWhatTheServerSaidWhenItRefuses) {
  add(Manner::article, "chess", "bad");
  play([&]() -> awaitable<void> {
    try {
      co_await crowd_.connect();
      ADD_FAILURE() << "was let in";
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("403 no session"));
    }
  });
}

}  // namespace
}  // namespace seendr::lab
