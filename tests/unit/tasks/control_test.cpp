#include "tasks/control.hpp"

#include <gtest/gtest.h>

#include "codec/text.hpp"

namespace seendr::tasks {
namespace {

std::vector<std::string> revoked_in(const std::string& body) {
  json::object envelope;
  envelope["body"] = to_base64(bytes(body));
  const auto request = decode_control(json::serialize(envelope));
  return request ? revoked_by(*request) : std::vector<std::string>{"unreadable"};
}

TEST(TaskControl, ChannelsAreOfADatabase) {
  EXPECT_EQ(control_channel(0), "/0.celery.pidbox");
  EXPECT_EQ(control_channel(12), "/12.celery.pidbox");
}

TEST(TaskControl, WhatIsWrittenReadsBack) {
  SeededRandom random(1);
  const ControlRequest request{"revoke", {{"task_id", "i"}, {"terminate", false}}};

  const auto read = decode_control(encode_control(request, random));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->method, "revoke");
  EXPECT_EQ(read->arguments, request.arguments);
}

TEST(TaskControl, ARequestHasAllThatPythonWorkersLookAt) {
  SeededRandom random(1);
  const auto text = encode_control({"revoke", {}}, random);
  const json::object envelope = json::parse(text).get_object();

  EXPECT_EQ(envelope.at("content-type"), "application/json");
  EXPECT_EQ(envelope.at("headers").at("clock"), 1);
  EXPECT_EQ(envelope.at("properties").at("body_encoding"), "base64");
  EXPECT_EQ(envelope.at("properties").at("delivery_info").at("exchange"), "celery.pidbox");
  EXPECT_TRUE(envelope.at("properties").at("delivery_tag").is_string());
}

TEST(TaskControl, ARevocationNamesOneTaskOrSeveral) {
  const std::vector<std::string> one = {"a"};
  const std::vector<std::string> two = {"a", "b"};
  EXPECT_EQ(revoked_in(R"({"method": "revoke", "arguments": {"task_id": "a"}})"), one);
  EXPECT_EQ(revoked_in(R"({"method": "revoke", "arguments": {"task_id": ["a", 1, "b"]}})"), two);
  EXPECT_TRUE(revoked_in(R"({"method": "ping", "arguments": {"task_id": "a"}})").empty());
  EXPECT_TRUE(revoked_in(R"({"method": "revoke"})").empty());
}

TEST(TaskControl, WhatIsNoRequestIsIgnored) {
  for (const char* text : {"", "x", "[]", "{}", R"({"body": 1})", R"({"body": "*"})"}) {
    EXPECT_FALSE(decode_control(text)) << text;
  }
  EXPECT_EQ(revoked_in("[]").front(), "unreadable");
  EXPECT_EQ(revoked_in(R"({"method": 1})").front(), "unreadable");
}

}  // namespace
}  // namespace seendr::tasks
