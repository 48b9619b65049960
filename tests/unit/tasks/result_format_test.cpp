#include "tasks/result_format.hpp"

#include <gtest/gtest.h>

namespace seendr::tasks {
namespace {

TEST(TaskResult, ReadsWhatCeleryStored) {
  const std::optional<Result> result = decode_result(
      R"({"status": "SUCCESS", "result": 5, "traceback": null, "children": [],
          "date_done": "2026-11-23T04:01:01.481332", "task_id": "8b98e207"})");

  ASSERT_TRUE(result);
  EXPECT_EQ(result->state, State::success);
  EXPECT_EQ(result->value, json::value(5));
  EXPECT_EQ(result->task_id, "8b98e207");
  EXPECT_EQ(result->done, from_iso("2026-11-23T04:01:01.481332Z"));
  EXPECT_FALSE(result->failure);
}

TEST(TaskResult, ReadsExceptions) {
  const std::optional<Result> result = decode_result(
      R"({"status": "FAILURE", "task_id": "i", "traceback": "Traceback", "children": [],
          "result": {"exc_type": "KeyError", "exc_message": ["boom", 3], "exc_module": "builtins"},
          "date_done": "2026-11-23T04:01:01.481332+00:00"})");

  ASSERT_TRUE(result && result->failure);
  EXPECT_EQ(result->state, State::failure);
  EXPECT_EQ(result->failure->type, "KeyError");
  EXPECT_EQ(result->failure->module, "builtins");
  EXPECT_EQ(result->failure->arguments, json::array({"boom", 3}));
  EXPECT_EQ(result->failure->text(), "KeyError: boom, 3");
  EXPECT_EQ(result->traceback, "Traceback");
}

TEST(TaskResult, AMessageMayBeABareStringAndAFailureNoObject) {
  const std::optional<Result> bare = decode_result(
      R"({"status": "RETRY", "task_id": "i", "result": {"exc_type": "E", "exc_message": "boom"}})");
  const std::optional<Result> odd =
      decode_result(R"({"status": "FAILURE", "task_id": "i", "result": "boom"})");

  ASSERT_TRUE(bare && bare->failure && odd && odd->failure);
  EXPECT_EQ(bare->failure->arguments, json::array{"boom"});
  EXPECT_EQ(odd->failure->arguments, json::array{"boom"});
}

// As Celery 5.2 does for self.retry() without an exception.
TEST(TaskResult, ARetryMayBeStoredWithoutAnException) {
  const std::optional<Result> result = decode_result(
      R"({"status": "RETRY", "result": null, "traceback": "Traceback", "task_id": "i"})");

  ASSERT_TRUE(result);
  EXPECT_EQ(result->state, State::retry);
  EXPECT_FALSE(result->failure);
  EXPECT_NE(encode(*result).find(R"("result":null)"), std::string::npos);
}

TEST(TaskResult, KeepsStatesOfSomebodysOwn) {
  const std::optional<Result> result =
      decode_result(R"({"status": "LOADING", "task_id": "i", "result": {"done": 3}})");

  ASSERT_TRUE(result);
  EXPECT_EQ(result->state, State::other);
  EXPECT_FALSE(is_final(result->state));
  EXPECT_EQ(result->value.at("done"), json::value(3));
}

TEST(TaskResult, ProgressIsAStateThatIsNotFinal) {
  Result progress;
  progress.task_id = "i";
  progress.state = State::progress;
  progress.value = {{"done", 3}};

  const std::optional<Result> read = decode_result(encode(progress));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->state, State::progress);
  EXPECT_FALSE(is_final(read->state));
  EXPECT_EQ(read->value, progress.value);
}

TEST(TaskResult, RefusesWhatIsNoResult) {
  for (const char* text : {"", "[]", "{}", R"({"status": "SUCCESS"})", R"({"task_id": "i"})"}) {
    EXPECT_FALSE(decode_result(text)) << text;
  }
}

TEST(TaskResult, WritesWhatPythonReads) {
  Result done;
  done.task_id = "i";
  done.state = State::success;
  done.value = 5;
  done.done = from_iso("2026-11-23T04:01:01.481332Z");
  Result failed;
  failed.task_id = "i";
  failed.state = State::retry;
  failed.failure = Failure{"ValueError", {"boom", 42}, "builtins"};

  EXPECT_EQ(encode(done), R"({"status":"SUCCESS","result":5,"traceback":null,"children":[],)"
                          R"("date_done":"2026-11-23T04:01:01.481332+00:00","task_id":"i"})");
  EXPECT_EQ(encode(failed),
            R"({"status":"RETRY","result":{"exc_type":"ValueError","exc_message":["boom",42],)"
            R"("exc_module":"builtins"},"traceback":null,"children":[],"date_done":null,)"
            R"("task_id":"i"})");
}

}  // namespace
}  // namespace seendr::tasks
