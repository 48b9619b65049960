#include "tasks/message_format.hpp"

#include <gtest/gtest.h>

#include "codec/deflate.hpp"
#include "codec/text.hpp"

namespace seendr::tasks {
namespace {

// What Celery 5.2 wrote for add.delay(2, y=3).
constexpr std::string_view kFromPython =
    R"json({"body": "W1syXSwgeyJ5IjogM30sIHsiY2FsbGJhY2tzIjogbnVsbCwgImVycmJhY2tzIjogbnVsbCwgImNoYWluIjogbnVsbCwgImNob3JkIjogbnVsbH1d",
 "content-encoding": "utf-8", "content-type": "application/json",
 "headers": {"lang": "py", "task": "demo.add", "id": "c1eba7a6-09b0-4150-8793-2acd988a93df", "shadow": null,
   "eta": null, "expires": null, "group": null, "group_index": null, "retries": 0, "timelimit": [null, null],
   "root_id": "c1eba7a6-09b0-4150-8793-2acd988a93df", "parent_id": null, "argsrepr": "(2,)",
   "kwargsrepr": "{'y': 3}", "origin": "gen22367@vm", "ignore_result": false},
 "properties": {"correlation_id": "c1eba7a6-09b0-4150-8793-2acd988a93df",
   "reply_to": "5fb5b564-d5f1-38d0-b307-328ea191c633", "delivery_mode": 2,
   "delivery_info": {"exchange": "", "routing_key": "celery"}, "priority": 0, "body_encoding": "base64",
   "delivery_tag": "565e1d4f-2884-4663-b28d-88fd3e3012aa"}})json";

json::object from_python() {
  return json::parse(json::string_view(kFromPython.data(), kFromPython.size())).get_object();
}

json::object& at(json::object& object, const char* key) {
  return object[key].get_object();
}

void set_body(json::object& envelope, std::string_view body) {
  envelope["body"] = to_base64(bytes(body));
}

error_code refusal(const json::object& envelope) {
  const result<Message> message = decode(json::serialize(envelope));
  return message ? error_code() : message.error();
}

TEST(TaskMessage, ReadsWhatCeleryWrote) {
  const result<Message> message = decode(kFromPython);

  ASSERT_TRUE(message) << message.error().message();
  EXPECT_EQ(message->id, "c1eba7a6-09b0-4150-8793-2acd988a93df");
  EXPECT_EQ(message->task, "demo.add");
  EXPECT_EQ(message->args, json::array{2});
  EXPECT_EQ(message->kwargs, json::object({{"y", 3}}));
  EXPECT_EQ(message->queue, "celery");
  EXPECT_EQ(message->delivery_tag, "565e1d4f-2884-4663-b28d-88fd3e3012aa");
  EXPECT_EQ(message->reply_to, "5fb5b564-d5f1-38d0-b307-328ea191c633");
  EXPECT_EQ(message->root_id, message->id);
  EXPECT_EQ(message->retries, 0);
  EXPECT_FALSE(message->eta || message->expires || message->time_limit_s);
}

TEST(TaskMessage, WritesEveryFieldThatCeleryWrote) {
  result<Message> message = decode(kFromPython);
  ASSERT_TRUE(message);

  json::object written = json::parse(encode(*message)).get_object();

  json::object expected = from_python();
  at(expected, "headers")["lang"] = "cpp";
  at(expected, "headers")["argsrepr"] = "[2]";
  at(expected, "headers")["kwargsrepr"] = R"({"y":3})";
  const std::optional<std::string> body = from_base64(std::string(written["body"].get_string()));
  ASSERT_TRUE(body);
  EXPECT_EQ(*body, R"([[2],{"y":3},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}])");
  expected["body"] = written["body"];
  EXPECT_EQ(json::value(written), json::value(expected));
}

TEST(TaskMessage, WhatIsWrittenReadsBack) {
  Message message;
  message.id = "i";
  message.task = "t";
  message.queue = "q";
  message.delivery_tag = "tag";
  message.args = {"Grüße, 東京", -1, 1.5, nullptr};
  message.eta = from_iso("2026-11-23T04:01:01.481332Z");
  message.expires = from_iso("2026-11-24T00:00:00Z");
  message.retries = 2;
  message.time_limit_s = 1.5;
  message.soft_time_limit_s = 1;
  message.priority = 6;
  message.ignore_result = true;
  message.parent_id = "p";
  message.root_id = "r";
  message.deliveries = 3;
  message.headers["stamps"] = json::object({{"unknown", "kept"}});

  const result<Message> read = decode(encode(message));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->args, message.args);
  EXPECT_EQ(read->eta, message.eta);
  EXPECT_EQ(read->expires, message.expires);
  EXPECT_EQ(read->retries, 2);
  EXPECT_EQ(read->time_limit_s, 1.5);
  EXPECT_EQ(read->soft_time_limit_s, 1);
  EXPECT_EQ(read->priority, 6);
  EXPECT_TRUE(read->ignore_result);
  EXPECT_EQ(read->parent_id, "p");
  EXPECT_EQ(read->root_id, "r");
  EXPECT_EQ(read->deliveries, 3);
  EXPECT_EQ(read->headers.at("stamps"), message.headers.at("stamps"));
}

TEST(TaskMessage, ReadsTheHeadersOfNewerCelery) {
  json::object envelope = from_python();
  at(envelope, "headers")["stamped_headers"] = nullptr;
  at(envelope, "headers")["stamps"] = json::object();
  at(envelope, "headers")["replaced_task_nesting"] = 0;

  const result<Message> message = decode(json::serialize(envelope));

  ASSERT_TRUE(message);
  EXPECT_TRUE(message->headers.contains("replaced_task_nesting"));
}

TEST(TaskMessage, ReadsTheTaggedValuesOfNewerKombuAsPlainText) {
  json::object envelope = from_python();
  set_body(envelope, R"([[{"__type__": "datetime", "__value__": "2024-01-02T03:04:05"},
                          {"__type__": "uuid", "__value__": {"hex": "c1eba7a609b0415087932acd988a93df"}},
                          {"__type__": "decimal", "__value__": "1.10"}, [{"__value__": 1}]], {}, {}])");

  const result<Message> message = decode(json::serialize(envelope));

  ASSERT_TRUE(message);
  const json::array expected{"2024-01-02T03:04:05", "c1eba7a6-09b0-4150-8793-2acd988a93df", "1.10",
                             json::array{json::object{{"__value__", 1}}}};
  EXPECT_EQ(message->args, expected);
}

TEST(TaskMessage, ReadsCompressedBodies) {
  json::object envelope = from_python();
  at(envelope, "headers")["compression"] = "application/x-gzip";
  set_body(envelope, deflate("[[7], {}, null]"));

  const result<Message> message = decode(json::serialize(envelope));

  ASSERT_TRUE(message);
  EXPECT_EQ(message->args, json::array{7});
  EXPECT_FALSE(json::parse(encode(*message)).at("headers").get_object().contains("compression"));
}

// A body with one argument, a list of so many zeros.
std::string body_of_zeros(std::size_t count) {
  std::string body = "[[[0";
  for (std::size_t i = 1; i < count; ++i) body += ",0";
  return body + "]],{},null]";
}

TEST(TaskMessage, RefusesWhatUnpacksToTooMuch) {
  json::object envelope = from_python();
  at(envelope, "headers")["compression"] = "application/x-gzip";
  const std::string blank(kMaxBody - 15, ' ');

  set_body(envelope, deflate("[[7], {}, null]" + blank));
  EXPECT_EQ(refusal(envelope), error_code());
  set_body(envelope, deflate("[[7], {}, null] " + blank));
  EXPECT_EQ(refusal(envelope), Errc::bad_compression);
  set_body(envelope, deflate(body_of_zeros(kMaxValues - 10)));
  EXPECT_EQ(refusal(envelope), error_code());
  set_body(envelope, deflate(body_of_zeros(kMaxValues + 1)));
  EXPECT_EQ(refusal(envelope), Errc::too_large);
}

TEST(TaskMessage, RefusesWhatIsTooLarge) {
  json::object envelope = from_python();
  const std::string blank(kMaxBody, ' ');

  set_body(envelope, "[[7], {}, null]" + blank);
  EXPECT_EQ(refusal(envelope), Errc::too_large);
  set_body(envelope, "[[], {}, null]");
  at(envelope, "headers")["other"] = std::string(kMaxEnvelope, 'x');
  EXPECT_EQ(refusal(envelope), Errc::too_large);
  const std::string text = json::serialize(envelope);
  EXPECT_EQ(redelivered(text, 1), text);
  at(envelope, "headers")["other"] = json::array(kMaxValues, 0);
  EXPECT_EQ(refusal(envelope), Errc::too_large);
}

TEST(TaskMessage, WhatIsWrittenWithinTheLimitsIsRead) {
  Message message = decode(kFromPython).value();
  const auto refused = [&message] {
    const result<std::string> written = encode_within_limits(message);
    const result<Message> read = decode(encode(message));
    EXPECT_EQ(written.has_error(), read.has_error());
    EXPECT_TRUE(!written || *written == encode(message));
    return written ? error_code() : written.error();
  };

  EXPECT_EQ(refused(), error_code());
  message.args = json::array{std::string(kMaxBody - 200, 'x')};
  EXPECT_EQ(refused(), error_code());
  message.args = json::array{std::string(kMaxBody, 'x')};
  EXPECT_EQ(refused(), Errc::too_large);
  message.args = json::array(kMaxValues, 0);
  EXPECT_EQ(refused(), Errc::too_large);
}

TEST(TaskMessage, ReadsWhatPythonWorkersReadWithFieldsMissing) {
  json::object bare = from_python();
  bare.erase("content-encoding");
  for (const char* name : {"lang", "timelimit", "root_id", "eta", "retries"}) {
    at(bare, "headers").erase(name);
  }
  for (const char* name : {"priority", "correlation_id", "body_encoding", "delivery_info"}) {
    at(bare, "properties").erase(name);
  }
  bare["body"] = "[[1], {}, null]";

  EXPECT_FALSE(refusal(bare)) << refusal(bare).message();

  json::object old = from_python();
  at(old, "headers").clear();
  set_body(old, R"({"task": "demo.add", "id": "i", "args": [1, 2], "kwargs": {}, "retries": 1,
                    "eta": "2026-11-23T04:01:01", "expires": null})");
  const result<Message> protocol_1 = decode(json::serialize(old));
  ASSERT_TRUE(protocol_1) << protocol_1.error().message();
  EXPECT_EQ(protocol_1->task, "demo.add");
  EXPECT_EQ(protocol_1->args, json::array({1, 2}));
  EXPECT_EQ(protocol_1->retries, 1);
  EXPECT_TRUE(protocol_1->eta);
}

TEST(TaskMessage, ReadsWhatFollowsFromATaskOfProtocol1) {
  json::object old = from_python();
  at(old, "headers").clear();
  set_body(
      old,
      R"({"task": "demo.add", "id": "i", "args": [], "kwargs": {}, "taskset": "g", "group_index": 2,
                    "callbacks": [{"task": "next"}], "errbacks": null, "chord": {"task": "all"}})");

  const result<Message> message = decode(json::serialize(old));

  ASSERT_TRUE(message);
  EXPECT_EQ(message->embed.at("callbacks").at(0).at("task"), "next");
  EXPECT_EQ(message->embed.at("chord").at("task"), "all");
  EXPECT_EQ(message->headers.at("group"), "g");
  EXPECT_EQ(message->headers.at("group_index"), 2);
}

TEST(TaskMessage, NamesWhatIsWrongWithTheEnvelope) {
  const auto without = [](const char* key) {
    json::object envelope = from_python();
    envelope.erase(key);
    return refusal(envelope);
  };
  json::object no_tag = from_python();
  at(no_tag, "properties").erase("delivery_tag");
  json::object pickled = from_python();
  pickled["content-type"] = "application/x-python-serialize";

  EXPECT_EQ(decode("{").error(), Errc::not_json);
  EXPECT_EQ(decode("[]").error(), Errc::not_json);
  EXPECT_EQ(decode("\xff").error(), Errc::not_json);
  EXPECT_EQ(decode(std::string(1000, '[')).error(), Errc::not_json);
  EXPECT_EQ(without("properties"), Errc::no_properties);
  EXPECT_EQ(refusal(no_tag), Errc::no_delivery_tag);
  EXPECT_EQ(without("content-type"), Errc::bad_content_type);
  EXPECT_EQ(refusal(pickled), Errc::bad_content_type);
  EXPECT_EQ(without("headers"), Errc::no_headers);
  EXPECT_EQ(without("body"), Errc::bad_body_encoding);
}

TEST(TaskMessage, NamesWhatIsWrongWithTheHeaders) {
  const auto with = [](const char* key, const json::value& value) {
    json::object envelope = from_python();
    at(envelope, "headers")[key] = value;
    return refusal(envelope);
  };

  EXPECT_EQ(with("task", nullptr), Errc::no_task);
  EXPECT_EQ(with("task", 7), Errc::no_task);
  EXPECT_EQ(with("id", nullptr), Errc::no_id);
  EXPECT_EQ(with("eta", "soon"), Errc::bad_time);
  EXPECT_EQ(with("expires", 60), Errc::bad_time);
  EXPECT_EQ(with("compression", "application/x-bz2"), Errc::bad_compression);
  EXPECT_EQ(with("compression", "application/x-gzip"), Errc::bad_compression);
}

TEST(TaskMessage, NamesWhatIsWrongWithTheBody) {
  const auto with = [](std::string_view body) {
    json::object envelope = from_python();
    set_body(envelope, body);
    return refusal(envelope);
  };
  json::object hex = from_python();
  at(hex, "properties")["body_encoding"] = "hex";
  json::object broken = from_python();
  broken["body"] = "***";

  EXPECT_EQ(refusal(hex), Errc::bad_body_encoding);
  EXPECT_EQ(refusal(broken), Errc::bad_body_encoding);
  EXPECT_EQ(with("[[1], {}"), Errc::bad_body);
  EXPECT_EQ(with("[[1], {}]"), Errc::bad_body_shape);
  EXPECT_EQ(with("[1, {}, {}]"), Errc::bad_body_shape);
  EXPECT_EQ(with("[[1], [], {}]"), Errc::bad_body_shape);
  EXPECT_EQ(with("[[1], {}, 3]"), Errc::bad_body_shape);
  EXPECT_EQ(with("3"), Errc::bad_body_shape);
}

TEST(TaskMessage, IsMarkedWhenItIsPutBack) {
  const std::string twice = redelivered(redelivered(json::serialize(from_python()), 1), 1);

  const result<Message> message = decode(twice);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->deliveries, 2);
  EXPECT_EQ(message->headers.at("redelivered"), json::value(true));
  EXPECT_EQ(json::parse(twice).at("properties").at("delivery_info").at("redelivered"), true);
  EXPECT_EQ(redelivered("no json", 1), "no json");
  EXPECT_EQ(redelivered("[]", 1), "[]");
}

TEST(TaskMessage, LostWorkersAreCountedWhateverTheHeadersAre) {
  json::object old = from_python();
  set_body(old, R"({"task": "demo.add", "id": "i", "args": [1], "kwargs": {}})");
  json::value deep = "stamp";
  for (int i = 0; i < 50; ++i) deep = json::array(1, deep);
  const auto lost = [](const json::object& envelope) {
    const result<Message> message = decode(redelivered(json::serialize(envelope), 3));
    return message ? message->deliveries : -1;
  };

  at(old, "headers").clear();
  EXPECT_EQ(lost(old), 3);
  old["headers"] = nullptr;
  EXPECT_EQ(lost(old), 3);
  old.erase("headers");
  EXPECT_EQ(lost(old), 3);
  json::object stamped = from_python();
  at(stamped, "headers")["stamps"] = deep;
  EXPECT_EQ(lost(stamped), 3);
}

TEST(TaskMessage, WhatIsNotUtf8IsWrittenAsReplacementCharacters) {
  Message message;
  message.id = "i";
  message.task = "t";
  message.delivery_tag = "tag";
  message.args = {"caf\xE9"};
  message.headers["shadow"] = "\xFF";

  const result<Message> read = decode(encode(message));

  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->args, json::array{"caf\xEF\xBF\xBD"});
  EXPECT_EQ(read->headers.at("shadow"), "\xEF\xBF\xBD");
}

TEST(TaskMessage, IdsAreUuidsOfVersion4) {
  SeededRandom random(1);

  const std::string id = make_uuid(random);

  EXPECT_EQ(id.size(), 36U);
  EXPECT_EQ(id[14], '4');
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
  EXPECT_NE(id, make_uuid(random));
}

}  // namespace
}  // namespace seendr::tasks
