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

TEST(TaskControl, WhatPythonAsksIsRead) {
  json::object envelope;
  const std::string body = R"({"method": "ping", "arguments": {}, "destination": ["a@b", "c@d"],
      "pattern": null, "matcher": null, "ticket": "t",
      "reply_to": {"exchange": "reply.celery.pidbox", "routing_key": "r"}})";
  envelope["body"] = to_base64(bytes(body));
  envelope["headers"] = json::object({{"clock", 7}, {"expires", 1.5}});

  const auto request = decode_control(json::serialize(envelope));

  ASSERT_TRUE(request);
  EXPECT_EQ(request->ticket, "t");
  EXPECT_EQ(request->reply_to, "r");
  EXPECT_EQ(request->clock, 7);
  EXPECT_TRUE(is_meant(*request, "c@d"));
  EXPECT_FALSE(is_meant(*request, "e@f"));
}

TEST(TaskControl, NodesAreMeantByNameOrByPattern) {
  ControlRequest request;
  EXPECT_TRUE(is_meant(request, "a@b"));
  request.pattern = "a@*";
  EXPECT_TRUE(is_meant(request, "a@b"));
  EXPECT_FALSE(is_meant(request, "c@b"));
  request.pattern.clear();
  request.destination.emplace();
  EXPECT_FALSE(is_meant(request, "a@b"));
}

TEST(TaskControl, AnAnswerIsOfTheNodeAndForTheTicket) {
  SeededRandom random(1);
  ControlRequest request;
  request.ticket = "t";
  request.reply_to = "r";

  const json::value envelope = json::parse(encode_answer(request, "a@b", 5, 9, random));

  EXPECT_EQ(envelope.at("headers").at("ticket"), "t");
  EXPECT_EQ(envelope.at("headers").at("clock"), 9);
  const json::value& info = envelope.at("properties").at("delivery_info");
  EXPECT_EQ(info.at("exchange"), "reply.celery.pidbox");
  EXPECT_EQ(info.at("routing_key"), "r");
  EXPECT_EQ(from_base64(std::string(envelope.at("body").as_string())), R"({"a@b":5})");
}

TEST(TaskControl, EventsAreOfANodeAndARoutingKey) {
  SeededRandom random(1);

  const json::value envelope = json::parse(encode_event(5, "a@b", "task.multi", random));

  EXPECT_EQ(event_channel(3, "task.multi"), "/3.celeryev/task.multi");
  EXPECT_EQ(envelope.at("headers").at("hostname"), "a@b");
  EXPECT_EQ(envelope.at("properties").at("delivery_mode"), 1);
  EXPECT_EQ(envelope.at("properties").at("delivery_info").at("exchange"), "celeryev");
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
