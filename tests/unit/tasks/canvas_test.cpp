#include "tasks/canvas.hpp"

#include <gtest/gtest.h>

namespace seendr::tasks {
namespace {

const Time kThen = *from_iso("2026-11-23T04:01:01Z");

// A task that has the embed given as JSON.
Message parent(const char* embed) {
  Message one;
  one.id = "parent";
  one.task = "t";
  one.queue = "q";
  one.root_id = "root";
  one.embed = json::parse(embed).get_object();
  return one;
}

std::vector<Message> decoded(const Following& following) {
  std::vector<Message> messages;
  for (const Outgoing& one : following.messages) {
    const result<Message> message = decode(one.envelope);
    EXPECT_TRUE(message) << one.envelope;
    if (message) messages.push_back(*message);
  }
  return messages;
}

class TaskCanvas : public ::testing::Test {
 protected:
  std::vector<Message> after(const char* embed, const json::value& value) {
    following = after_success(parent(embed), value, kThen, random);
    return decoded(following);
  }

  SeededRandom random{1};
  Following following;
};

// As Celery 5.3 and later write the options of a stamped signature.
TEST_F(TaskCanvas, StampsOfASignatureAreHeadersOfItsMessage) {
  const auto next = after(R"({"chain": [{"task": "next", "args": [], "kwargs": {}, "options": {
      "task_id": "2", "stamped_headers": ["tenant", "lost"], "tenant": ["a"], "other": 1}}]})",
                          1);

  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].headers.at("stamped_headers"), (json::array{"tenant", "lost"}));
  EXPECT_EQ(next[0].headers.at("stamps"), (json::object{{"tenant", json::array(1, "a")}}));
}

TEST_F(TaskCanvas, TheNextStepOfAChainGetsTheResultAndTheRest) {
  const auto next = after(R"({"chain": [
      {"task": "last", "args": [], "kwargs": {}, "options": {"task_id": "3"}},
      {"task": "second", "args": [2], "kwargs": {"k": 1}, "options": {"task_id": "2"}}]})",
                          1);

  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].task, "second");
  EXPECT_EQ(next[0].id, "2");
  EXPECT_EQ(next[0].args, json::array({1, 2}));
  EXPECT_EQ(next[0].kwargs, json::object({{"k", 1}}));
  EXPECT_EQ(next[0].root_id, "root");
  EXPECT_EQ(next[0].parent_id, "parent");
  EXPECT_EQ(next[0].queue, "q");
  EXPECT_EQ(next[0].embed.at("chain").as_array().size(), 1U);
  EXPECT_EQ(next[0].embed.at("chain").at(0).at("task"), "last");
  EXPECT_EQ(following.messages[0].list, "q");
}

TEST_F(TaskCanvas, AnImmutableStepGetsNoResult) {
  const auto next =
      after(R"({"chain": [{"task": "s", "args": [7], "immutable": true, "options": {}}]})", 1);

  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].args, json::array{7});
  EXPECT_FALSE(next[0].id.empty());
}

TEST_F(TaskCanvas, OptionsSayWhereAndWhen) {
  const auto next = after(
      R"({"chain": [{"task": "s", "options": {"queue": "other", "priority": 9, "countdown": 2,
          "link": [{"task": "l"}], "link_error": [{"task": "e"}], "reply_to": "r"}}]})",
      nullptr);

  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(following.messages[0].list, "other\x06\x16\x39");
  EXPECT_EQ(next[0].priority, 9);
  EXPECT_EQ(next[0].eta, kThen + std::chrono::seconds(2));
  EXPECT_EQ(next[0].embed.at("callbacks").at(0).at("task"), "l");
  EXPECT_EQ(next[0].embed.at("errbacks").at(0).at("task"), "e");
  EXPECT_EQ(next[0].reply_to, "r");
}

TEST_F(TaskCanvas, EveryCallbackGetsTheResult) {
  const auto next = after(R"({"callbacks": [{"task": "a"}, {"task": "b", "args": [2]}]})", 1);

  ASSERT_EQ(next.size(), 2U);
  EXPECT_EQ(next[0].args, json::array{1});
  EXPECT_EQ(next[1].args, json::array({1, 2}));
}

TEST_F(TaskCanvas, AGroupIsOneTaskForEachMember) {
  const auto next = after(R"({"callbacks": [{"task": "celery.group", "subtask_type": "group",
      "kwargs": {"tasks": [{"task": "a"}, {"task": "b"}]}, "options": {"task_id": "g"}}]})",
                          1);

  ASSERT_EQ(next.size(), 2U);
  EXPECT_EQ(next[0].headers.at("group"), "g");
  EXPECT_EQ(next[1].headers.at("group_index"), 1);
  EXPECT_EQ(next[1].args, json::array{1});
}

TEST_F(TaskCanvas, AChainWithinAChainComesBeforeTheRest) {
  const auto next = after(R"({"chain": [{"task": "z"}, {"task": "celery.chain",
      "subtask_type": "chain", "kwargs": {"tasks": [{"task": "a"}, {"task": "b"}, {"task": "c"}]},
      "options": {"task_id": "end"}}]})",
                          1);

  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].task, "a");
  const json::array& rest = next[0].embed.at("chain").as_array();
  ASSERT_EQ(rest.size(), 3U);
  EXPECT_EQ(rest[0].at("task"), "z");
  EXPECT_EQ(rest[1].at("task"), "c");
  EXPECT_EQ(rest[1].at("options").at("task_id"), "end");
  EXPECT_EQ(rest[2].at("task"), "b");
}

TEST_F(TaskCanvas, AChordAsAStepSaysItsSizeAndGivesItsBodyTheRest) {
  const auto next = after(R"({"chain": [{"task": "z"}, {"task": "celery.chord",
      "subtask_type": "chord", "options": {"task_id": "body"},
      "kwargs": {"header": [{"task": "a"}, {"task": "b"}], "body": {"task": "sum"}}}]})",
                          1);

  ASSERT_EQ(next.size(), 2U);
  const std::string group(next[0].headers.at("group").as_string());
  ASSERT_EQ(following.stored.size(), 1U);
  EXPECT_EQ(following.stored[0].first, "celery-taskset-meta-" + group + ".s");
  EXPECT_EQ(following.stored[0].second, "2");
  EXPECT_EQ(next[1].headers.at("group_index"), 1);
  const json::value& body = next[1].embed.at("chord");
  EXPECT_EQ(body.at("task"), "sum");
  EXPECT_EQ(body.at("options").at("task_id"), "body");
  EXPECT_EQ(body.at("options").at("chain").at(0).at("task"), "z");
}

TEST_F(TaskCanvas, ABodyThatIsAChainKeepsTheIdOfItsEnd) {
  const auto next = after(R"({"chain": [{"task": "celery.chord", "subtask_type": "chord",
      "options": {"task_id": "of the header"},
      "kwargs": {"header": {"task": "celery.group", "options": {"task_id": "g"},
                            "kwargs": {"tasks": [{"task": "a"}]}},
                 "body": {"task": "celery.chain", "subtask_type": "chain",
                          "kwargs": {"tasks": [{"task": "b"},
                                               {"task": "c", "options": {"task_id": "end"}}]}}}}]})",
                          1);

  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].headers.at("group"), "g");
  const ChordPart part{"g", "0", "a", next[0].embed.at("chord").as_object()};
  const std::vector<std::string> parts = {R"([1, "a", "SUCCESS", 1])"};
  following = chord_complete(parent("{}"), part, parts, kThen, random);
  const auto body = decoded(following);
  ASSERT_EQ(body.size(), 1U);
  EXPECT_EQ(body[0].task, "b");
  const json::value& last = body[0].embed.at("chain").at(0);
  EXPECT_EQ(last.at("options").at("task_id"), "end");
}

TEST_F(TaskCanvas, AChordWithoutPartsRunsItsBodyAtOnce) {
  const auto next = after(R"({"callbacks": [{"task": "celery.chord", "subtask_type": "chord",
      "kwargs": {"header": [], "body": {"task": "sum"}}}]})",
                          1);

  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].task, "sum");
  EXPECT_EQ(next[0].args, json::array{json::value(json::array())});
}

TEST_F(TaskCanvas, AFailureReachesErrbacksAndTheStepsThatWillNotRun) {
  const Failure failure{"ValueError", {"boom"}};
  following = after_failure(parent(R"({"errbacks": [{"task": "e", "args": [2]}],
      "chain": [{"task": "z", "options": {"task_id": "3"}}, {"task": "y", "options": {}}]})"),
                            failure, kThen, random);

  const auto next = decoded(following);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].args, json::array({"parent", 2}));
  ASSERT_EQ(following.stored.size(), 1U);
  EXPECT_EQ(following.stored[0].first, "celery-task-meta-3");
  const auto stored = decode_result(following.stored[0].second);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->failure->text(), "ValueError: boom");
}

TEST_F(TaskCanvas, APartFillsItsPlaceAndAFailureThoseOfItsChain) {
  Message one = parent(R"({"chord": {"task": "sum"},
      "chain": [{"task": "z", "options": {"task_id": "3", "group_id": "h", "group_index": 4,
                                           "chord": {"task": "other"}}}]})");
  one.headers["group"] = "g";

  const auto good = parts_of(one, true);
  const auto bad = parts_of(one, false);

  ASSERT_EQ(good.size(), 1U);
  EXPECT_EQ(good[0].group, "g");
  EXPECT_EQ(good[0].index, "+inf");
  ASSERT_EQ(bad.size(), 2U);
  EXPECT_EQ(bad[1].group, "h");
  EXPECT_EQ(bad[1].index, "4");
  EXPECT_EQ(bad[1].task_id, "3");
  EXPECT_TRUE(parts_of(parent("{}"), false).empty());
}

TEST_F(TaskCanvas, ACompleteChordRunsItsBodyWithAllResultsInOrder) {
  const ChordPart part{"g", "0", "a",
                       json::parse(R"({"task": "sum", "args": [9],
                                       "options": {"task_id": "body"}})")
                           .get_object()};
  const std::vector<std::string> parts = {part_text(part, State::success, 1),
                                          R"([1, "b", "SUCCESS", {"x": 2}])"};

  following = chord_complete(parent("{}"), part, parts, kThen, random);

  const auto next = decoded(following);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].id, "body");
  EXPECT_EQ(next[0].args, json::parse(R"([[1, {"x": 2}], 9])").get_array());
}

TEST_F(TaskCanvas, AChordWithAFailedPartFails) {
  const ChordPart part{"g", "0", "a",
                       json::parse(R"({"task": "sum", "options": {"task_id": "body",
                                       "link_error": [{"task": "e"}]}})")
                           .get_object()};
  const std::vector<std::string> parts = {
      R"([1, "a", "SUCCESS", 1])",
      R"([1, "b", "FAILURE", {"exc_type": "KeyError", "exc_message": []}])"};

  following = chord_complete(parent("{}"), part, parts, kThen, random);

  ASSERT_EQ(following.stored.size(), 1U);
  EXPECT_EQ(following.stored[0].first, "celery-task-meta-body");
  const auto stored = decode_result(following.stored[0].second);
  EXPECT_EQ(stored->failure->text(), "ChordError: Dependency b raised KeyError");
  const auto next = decoded(following);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].task, "e");
}

// As Python's client prepares a chord behind a first step, within a chord.
TEST_F(TaskCanvas, TheStepOfABrokenChainMayBeAChordOfAnOuterOne) {
  const auto lost = parts_of(parent(R"({"chain": [{"task": "celery.chord", "subtask_type": "chord",
      "options": {}, "kwargs": {"header": [{"task": "a"}], "body": {"task": "sum", "options": {
          "task_id": "b", "group_id": "g", "group_index": 3, "chord": {"task": "outer"}}}}}]})"),
                             false);

  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost[0].group, "g");
  EXPECT_EQ(lost[0].index, "3");
  EXPECT_EQ(lost[0].task_id, "b");
  EXPECT_EQ(lost[0].body.at("task"), "outer");
}

TEST_F(TaskCanvas, ABodyThatWillNotRunLeavesItsPlaceAndTheStepsBehindIt) {
  const ChordPart part{"g", "0", "a",
                       json::parse(R"({"task": "sum", "options": {
      "task_id": "body", "group_id": "h", "group_index": 1, "chord": {"task": "outer"},
      "chain": [{"task": "z", "options": {"task_id": "behind"}}]}})")
                           .get_object()};
  const std::vector<std::string> parts = {
      R"([1, "b", "FAILURE", {"exc_type": "KeyError", "exc_message": []}])"};

  following = chord_complete(parent("{}"), part, parts, kThen, random);

  ASSERT_EQ(following.stored.size(), 2U);
  EXPECT_EQ(following.stored[1].first, "celery-task-meta-behind");
  ASSERT_EQ(following.failed.size(), 1U);
  EXPECT_EQ(following.failed[0].group, "h");
  EXPECT_EQ(following.failed[0].index, "1");
  EXPECT_EQ(following.failed[0].task_id, "body");
  ASSERT_TRUE(following.failure);
  EXPECT_EQ(following.failure->text(), "ChordError: Dependency b raised KeyError");
}

TEST_F(TaskCanvas, AChordFailsWithAPartThatCannotBeRead) {
  const ChordPart part{
      "g", "0", "a",
      json::parse(R"({"task": "sum", "options": {"task_id": "body"}})").get_object()};
  for (const char* unread : {R"([1, "b", "SUCCESS", NaN])", R"([1, "b", "FAILURE", NaN])",
                             R"([1, "b", "SUCCESS"])", R"([1, 2, "SUCCESS", 3])", "{}", ""}) {
    const std::vector<std::string> parts = {R"([1, "a", "SUCCESS", 1])", unread};

    following = chord_complete(parent("{}"), part, parts, kThen, random);

    EXPECT_TRUE(following.messages.empty()) << unread;
    ASSERT_EQ(following.stored.size(), 1U) << unread;
    const auto stored = decode_result(following.stored[0].second);
    EXPECT_EQ(stored->failure->text(),
              "ChordError: Join error: what a part has left cannot be read");
  }
}

TEST_F(TaskCanvas, APartMayLeaveWhatIsNestedAsDeepAsAMessageMayBe) {
  const ChordPart part{"g", "0", "a", json::parse(R"({"task": "sum"})").get_object()};
  const std::string deep = std::string(61, '[') + std::string(61, ']');
  const std::vector<std::string> parts = {R"([1, "a", "SUCCESS", )" + deep + "]"};

  following = chord_complete(parent("{}"), part, parts, kThen, random);

  const auto next = decoded(following);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(json::serialize(next[0].args), "[[" + deep + "]]");
}

// As JSON.
std::string group_of(std::size_t members) {
  std::string text = R"({"task": "celery.group", "subtask_type": "group",
      "options": {"link_error": [{"task": "e"}]}, "kwargs": {"tasks": [)";
  for (std::size_t i = 0; i < members; ++i)
    text += (i > 0 ? "," : "") + std::string(R"({"task": "a"})");
  return text + "]}}";
}

TEST_F(TaskCanvas, TooManyStepsAreToldOf) {
  after(("{\"chain\": [" + group_of(9'999) + "]}").c_str(), 1);
  EXPECT_FALSE(following.too_much);
  EXPECT_EQ(following.messages.size(), 9'999U);

  after(("{\"chain\": [" + group_of(10'000) + "]}").c_str(), 1);
  EXPECT_TRUE(following.too_much);
}

TEST_F(TaskCanvas, AStepThatNobodyWouldReadIsToldOf) {
  const char* chain = R"({"chain": [{"task": "big", "options": {}}]})";
  after(chain, json::string(4'000'000, 'x'));
  EXPECT_FALSE(following.too_much);

  after(chain, json::string(4'200'000, 'x'));
  EXPECT_TRUE(following.too_much);
}

TEST_F(TaskCanvas, StepsThatTogetherAreTooLargeAreToldOf) {
  const json::string result(1'000'000, 'x');  // Of which each member gets a copy.
  after(("{\"chain\": [" + group_of(20) + "]}").c_str(), result);
  EXPECT_FALSE(following.too_much);

  after(("{\"chain\": [" + group_of(100) + "]}").c_str(), result);
  EXPECT_TRUE(following.too_much);
}

TEST_F(TaskCanvas, ABodyOfTooManyStepsFails) {
  const ChordPart part{"g", "0", "a", json::parse(group_of(10'000)).get_object()};
  const std::vector<std::string> parts = {R"([1, "a", "SUCCESS", 1])"};

  following = chord_complete(parent("{}"), part, parts, kThen, random);

  EXPECT_FALSE(following.too_much);
  ASSERT_TRUE(following.failure);
  EXPECT_EQ(following.failure->text(), "OverflowError: too many steps, or too large");
  const auto next = decoded(following);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].task, "e");
}

TEST_F(TaskCanvas, WhatIsNoSignatureIsPassedOver) {
  EXPECT_TRUE(after(R"({"chain": [1], "callbacks": [null, {}, {"task": 5}]})", 1).empty());
  EXPECT_TRUE(after(R"({"chain": "x", "callbacks": {}})", 1).empty());
  EXPECT_TRUE(after(R"({"callbacks": [{"subtask_type": "chord", "kwargs": {}},
                                       {"subtask_type": "chain"}]})",
                    1)
                  .empty());
}

}  // namespace
}  // namespace seendr::tasks
