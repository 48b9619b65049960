// Bytes of Celery 5.3 to 5.6 (kombu 5.3 and later), and what becomes of them here. What is written
// is read by Celery in tests/interop/test_celery_golden.py.
#include <gtest/gtest.h>

#include "support/golden.hpp"
#include "tasks/outcome.hpp"
#include "tasks/result_format.hpp"

namespace seendr::tasks {
namespace {

const Time kNoon = *from_iso("2026-11-27T12:00:00.25Z");

std::string path_of(const std::string& name) {
  return std::string(SEENDR_SOURCE_DIR) + "/tests/golden/celery/" + name + ".json";
}

Message read_message(const std::string& name) {
  const result<Message> message = decode(test::read_file(path_of(name)));
  EXPECT_TRUE(message) << name << ": " << message.error().message();
  return message ? *message : Message();
}

Result read_result(const std::string& name) {
  const std::optional<Result> result = decode_result(test::read_file(path_of(name)));
  EXPECT_TRUE(result) << name;
  return result ? *result : Result();
}

// The values that kombu tags, without their tags.
const json::object& plain_values() {
  static const json::object values = {
      {"datetime", "2024-01-02T03:04:05.678901+00:00"},
      {"date", "2024-01-02"},
      {"time", "03:04:05"},
      {"decimal", "1.10"},
      {"uuid", "c1eba7a6-09b0-4150-8793-2acd988a93df"},
      {"versioned", "c1eba7a6-09b0-4150-8793-2acd988a93df"},
      {"bytes", "text"},
      {"base64", "/w=="},
  };
  return values;
}

// As the worker writes the next attempt; Celery has the same headers then.
std::string retry_of(const Message& message) {
  SeededRandom random(1);
  const Fault fault{.failure = Failure{"ValueError", {"boom", 42}}};
  return retried(message, fault, Millis(1500), kNoon, random).envelope + "\n";
}

TEST(CeleryGolden, AMessageIsRead) {
  const Message message = read_message("message");

  EXPECT_EQ(message.task, "py.echo");
  EXPECT_EQ(message.args, json::array{2});
  EXPECT_EQ(message.kwargs, json::object({{"y", 3}}));
  EXPECT_EQ(message.queue, "celery");
  EXPECT_EQ(message.root_id, message.id);
  EXPECT_TRUE(message.headers.at("stamped_headers").is_null());
}

// As kombu 5.4 and later may write the body, and what a Python worker gave back.
TEST(CeleryGolden, ARestoredMessageWithAPlainBodyIsRead) {
  const Message message = read_message("message_restored");

  EXPECT_EQ(message.args, json::array{2});
  EXPECT_EQ(message.deliveries, 0);
  EXPECT_EQ(message.headers.at("redelivered"), true);
}

TEST(CeleryGolden, AStampedMessageIsRead) {
  const Message message = read_message("message_stamped");

  EXPECT_EQ(message.retries, 1);
  EXPECT_EQ(message.time_limit_s, 30.5);
  EXPECT_EQ(message.soft_time_limit_s, 20);
  EXPECT_EQ(message.expires, from_iso("2096-11-23T04:01:01.481332Z"));
  EXPECT_EQ(message.headers.at("stamps").at("tenant").at(0), "north");
  EXPECT_EQ(message.headers.at("replaced_task_nesting"), 2);
}

TEST(CeleryGolden, TaggedArgumentsAreReadAsText) {
  const Message message = read_message("message_tagged");

  EXPECT_EQ(message.args, json::array(1, json::array(1, "2024-01-02")));
  EXPECT_EQ(message.kwargs, plain_values());
}

TEST(CeleryGolden, ARetryKeepsWhatCeleryWrote) {
  const Message stamped = read_message("message_stamped");
  const std::string envelope = retry_of(stamped);

  test::expect_file(path_of("seendr_retry_stamped"), envelope);
  const json::object before = stamped.headers;
  const json::object after = json::parse(envelope).at("headers").as_object();
  for (const auto& [key, value] : before) {
    const json::value* kept = after.if_contains(key);
    ASSERT_TRUE(kept) << key;
    // Limits become floating-point numbers.
    const bool changes = key == "timelimit" || key == "eta" || key == "retries" ||
                         key == "parent_id" || key == "lang" || key == "argsrepr" ||
                         key == "kwargsrepr";
    EXPECT_TRUE(changes || *kept == value) << key << ": " << *kept;
  }
  EXPECT_EQ(after.at("retries"), 2);
  EXPECT_EQ(after.at("parent_id"), json::value(stamped.id));
  EXPECT_EQ(decode(envelope)->embed, stamped.embed);
  EXPECT_EQ(decode(envelope)->soft_time_limit_s, stamped.soft_time_limit_s);
}

TEST(CeleryGolden, ARetryHasPlainArguments) {
  const std::string envelope = retry_of(read_message("message_tagged"));

  test::expect_file(path_of("seendr_retry_tagged"), envelope);
  EXPECT_EQ(decode(envelope)->kwargs, plain_values());
}

TEST(CeleryGolden, ResultsAreRead) {
  const Result success = read_result("result");
  const Result tagged = read_result("result_tagged");

  EXPECT_EQ(success.state, State::success);
  EXPECT_EQ(success.value, json::value(5));
  EXPECT_EQ(success.done, from_iso("2026-11-23T04:01:01.481332Z"));
  EXPECT_EQ(tagged.value, json::value(json::array(1, plain_values())));
  EXPECT_EQ(tagged.group_id, "8f4a2c1e-6f43-4b7e-9d55-0b8a4c1d2e3f");
  EXPECT_EQ(tagged.parent_id, "c1eba7a6-09b0-4150-8793-2acd988a93df");
}

TEST(CeleryGolden, ExceptionsAreRead) {
  const Result failure = read_result("result_extended");
  const Result retry = read_result("result_retry");
  const Result revoked = read_result("result_revoked");

  EXPECT_EQ(failure.state, State::failure);
  ASSERT_TRUE(failure.failure && retry.failure && revoked.failure);
  EXPECT_EQ(failure.failure->text(), "KeyError: boom, 1.10");
  EXPECT_TRUE(failure.traceback.starts_with("Traceback"));
  EXPECT_EQ(retry.state, State::retry);
  EXPECT_FALSE(retry.done);
  EXPECT_EQ(retry.failure->text(), "ValueError: boom, 42");
  EXPECT_EQ(revoked.state, State::revoked);
  EXPECT_EQ(revoked.failure->text(), "TaskRevokedError: revoked");
}

TEST(CeleryGolden, ResultsAreWrittenAsCeleryReadsThem) {
  const Message message = read_message("message_stamped");
  SeededRandom random(1);
  const Fault fault{.failure = Failure{"ValueError", {"boom", 42}}};
  const json::value value = {{"sum", 5}, {"text", "Grüße"}};
  const std::vector<std::pair<std::string, Settlement>> all = {
      {"seendr_success", succeeded(message, value, Millis(0), kNoon)},
      {"seendr_failure", failed(message, "", fault.failure, "failed", kNoon)},
      {"seendr_retry", retried(message, fault, Millis(1500), kNoon, random)},
      {"seendr_revoked", revoked(message, "revoked", kNoon)},
  };

  for (const auto& [name, settlement] : all) {
    test::expect_file(path_of(name), settlement.result + "\n");
    const json::value stored = json::parse(settlement.result);
    EXPECT_EQ(stored.at("task_id"), json::value(message.id)) << name;
    EXPECT_EQ(stored.at("group_id"), message.headers.at("group")) << name;
    EXPECT_EQ(stored.at("children"), json::value(json::array())) << name;
  }
}

}  // namespace
}  // namespace seendr::tasks
