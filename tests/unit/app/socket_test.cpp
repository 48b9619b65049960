#include "app/socket/socket.hpp"

#include <gtest/gtest.h>

namespace seendr::app {
namespace {

class SocketTest : public testing::Test {
 protected:
  SocketTest() {
    socket_.tap = [this](const std::string& frame) {
      sent_.push_back(json::parse(frame).as_object());
    };
  }

  bool begin(const std::string& id) {
    return socket_.begin(Action{"find_match", id, action::FindMatch{}});
  }

  void answer(const std::string& id, json::object frame) {
    socket_.answer("find_match", id, std::move(frame));
  }

  net::io_context io_;
  Socket socket_{1, Profile::v1, "hash", io_.get_executor()};
  std::vector<json::object> sent_;
};

TEST_F(SocketTest, AnswersARepeatedRequestWithTheLastAnswerItHad) {
  const json::object searching{{"type", "searching"}};
  const json::object found{{"type", "match_found"}};
  EXPECT_TRUE(begin("a"));
  answer("a", searching);
  answer("a", found);

  EXPECT_FALSE(begin("a"));

  ASSERT_EQ(sent_.size(), 3U);
  EXPECT_EQ(sent_[2].at("type").as_string(), "match_found");
  EXPECT_EQ(sent_[2].at("id").as_string(), "a");
}

TEST_F(SocketTest, SaysNothingAgainWhileARequestHasNoAnswer) {
  EXPECT_TRUE(begin("a"));
  EXPECT_FALSE(begin("a"));
  EXPECT_TRUE(sent_.empty());
}

TEST_F(SocketTest, TriesARequestAnewThatFailedForAMoment) {
  EXPECT_TRUE(begin("a"));
  answer("a", error_frame("internal", "Not now.", true));

  EXPECT_TRUE(begin("a")) << "a new request";
  const json::object found{{"type", "match_found"}};
  answer("a", found);
  EXPECT_FALSE(begin("a"));

  ASSERT_EQ(sent_.size(), 3U);
  EXPECT_EQ(sent_[0].at("id").as_string(), "a");
  EXPECT_EQ(sent_[2].at("type").as_string(), "match_found");
}

TEST_F(SocketTest, RepeatsAnErrorThatWillNotChange) {
  EXPECT_TRUE(begin("a"));
  answer("a", error_frame("not_found", "Nobody.", false));

  EXPECT_FALSE(begin("a"));

  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_EQ(sent_[1], sent_[0]);
}

TEST_F(SocketTest, RemembersABoundedNumberOfRequests) {
  const json::object pong{{"type", "pong"}};
  for (int i = 0; i < 65; ++i) {
    EXPECT_TRUE(begin(std::to_string(i)));
    answer(std::to_string(i), pong);
  }
  EXPECT_TRUE(begin("0")) << "forgotten";
  EXPECT_FALSE(begin("64"));
}

}  // namespace
}  // namespace seendr::app
