#include "tasks/signature.hpp"

#include <gtest/gtest.h>

namespace seendr::tasks {
namespace {

json::object signature(const char* text) {
  return json::parse(text).get_object();
}

TEST(TaskSignature, ATaskHasItsResultItself) {
  const json::object one = signature(R"({"task": "a", "options": {"task_id": "1",
      "group_id": "g", "group_index": 2, "chord": {"task": "body"}}})");

  const std::vector<End> ends = ends_of(one);

  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].task_id, "1");
  EXPECT_EQ(ends[0].place.group, "g");
  EXPECT_EQ(ends[0].place.index, 2);
  ASSERT_TRUE(ends[0].place.body);
  EXPECT_EQ(ends[0].place.body->at("task"), "body");
}

TEST(TaskSignature, APartOfAChordHasAGroup) {
  EXPECT_FALSE(place_in(signature(R"({"chord": {"task": "body"}})")).body);
  EXPECT_FALSE(place_in(signature(R"({"group_id": "g"})")).body);
  EXPECT_FALSE(place_in(signature(R"({"group_id": "g"})")).index);
}

TEST(TaskSignature, AChainEndsWithItsLastStepAndAChordWithItsBody) {
  const json::object one = signature(R"({"task": "celery.chain", "subtask_type": "chain",
      "options": {"task_id": "1"}, "kwargs": {"tasks": [{"task": "a"},
        {"task": "celery.chord", "subtask_type": "chord", "kwargs": {
          "header": [{"task": "b"}], "body": {"task": "c"}}}]}})");

  const std::vector<End> ends = ends_of(one);

  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].task_id, "1");
  EXPECT_FALSE(ends[0].place.body);
}

TEST(TaskSignature, TheMembersOfAGroupFillPlacesOneAfterTheOther) {
  const json::object one = signature(R"({"task": "celery.group", "subtask_type": "group",
      "options": {"task_id": "no task's", "group_id": "g", "group_index": 3, "chord": {"task": "x"}},
      "kwargs": {"tasks": [
        {"task": "celery.group", "subtask_type": "group", "kwargs": {"tasks": [
          {"task": "a", "options": {"task_id": "1"}}, {"task": "b"}]}},
        {"task": "c", "options": {"task_id": "2", "group_id": "own", "group_index": 0}}]}})");

  const std::vector<End> ends = ends_of(one);

  ASSERT_EQ(ends.size(), 3U);
  EXPECT_EQ(ends[0].task_id, "1");
  EXPECT_EQ(ends[1].task_id, "");
  EXPECT_EQ(ends[2].task_id, "2");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ends[i].place.group, "g");
    EXPECT_EQ(ends[i].place.index, 3 + i);
  }
}

TEST(TaskSignature, WhatIsNoneHasNoEnd) {
  for (const char* text :
       {"{}", R"({"task": 5})", R"({"subtask_type": "chain", "kwargs": {"tasks": []}})",
        R"({"subtask_type": "chord", "kwargs": {"body": 1}})", R"({"subtask_type": "group"})",
        R"({"subtask_type": "group", "kwargs": {"tasks": [1, {}]}})"}) {
    EXPECT_TRUE(ends_of(signature(text)).empty()) << text;
  }
}

TEST(TaskSignature, AnIdIsThatOfTheEndAndMadeOnce) {
  SeededRandom random{1};
  json::object one = signature(R"({"task": "celery.chord", "subtask_type": "chord",
      "kwargs": {"header": [], "body": {"task": "a"}}})");

  const std::string id = id_in(one, random);

  EXPECT_EQ(id.size(), 36U);
  EXPECT_EQ(id_in(one, random), id);
  EXPECT_EQ(ends_of(one).at(0).task_id, id);
}

}  // namespace
}  // namespace seendr::tasks
