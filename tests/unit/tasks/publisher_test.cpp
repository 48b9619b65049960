#include "tasks/publisher.hpp"

#include <gtest/gtest.h>

namespace seendr::tasks {
namespace {

using std::chrono::seconds;

class TaskPublisher : public ::testing::Test {
 protected:
  TaskPublisher() {
    parent.id = "parent";
    parent.task = "t";
    parent.queue = "q";
  }

  std::vector<Message> published(const char* signature) {
    Publisher publisher(parent, now, random);
    publisher.publish(json::parse(signature).get_object(), json::array(1, 7), json::array());
    following = publisher.take();
    std::vector<Message> messages;
    for (const Outgoing& one : following.messages) {
      const result<Message> message = decode(one.envelope);
      EXPECT_TRUE(message) << one.envelope;
      if (message) messages.push_back(*message);
    }
    return messages;
  }

  const Time now = *from_iso("2026-11-23T04:01:01Z");
  SeededRandom random{1};
  Message parent;
  Following following;
};

TEST_F(TaskPublisher, TimesAreSecondsOrTextThatMayBeTagged) {
  const auto text = published(R"({"task": "s", "options": {
      "eta": "2026-11-23T04:02:00", "expires": "2026-11-23T04:03:00+00:00"}})");
  const auto tagged = published(R"({"task": "s", "options": {
      "eta": {"__type__": "datetime", "__value__": "2026-11-23T04:02:00"},
      "expires": {"__type__": "datetime", "__value__": "2026-11-23T04:03:00"}}})");
  const auto both = published(R"({"task": "s", "options": {
      "eta": "2026-11-23T04:02:00", "countdown": 5, "expires": 6}})");
  const auto none = published(R"({"task": "s", "options": {
      "eta": "soon", "countdown": 0, "expires": null}})");

  for (const auto& one : {text, tagged}) {
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(one[0].eta, now + seconds(59));
    EXPECT_EQ(one[0].expires, now + seconds(119));
  }
  EXPECT_EQ(both.at(0).eta, now + seconds(5));
  EXPECT_EQ(both.at(0).expires, now + seconds(6));
  EXPECT_FALSE(none.at(0).eta);
  EXPECT_FALSE(none.at(0).expires);
}

TEST_F(TaskPublisher, OptionsOfAGroupAreThoseOfItsMembers) {
  const auto members = published(R"({"task": "celery.group", "subtask_type": "group",
      "options": {"task_id": "g", "queue": "x", "countdown": 30},
      "kwargs": {"tasks": [{"task": "a", "options": {"queue": "own", "priority": 3}},
                           {"task": "b", "options": {"task_id": "2"}}]}})");

  ASSERT_EQ(members.size(), 2U);
  for (const Message& member : members) {
    EXPECT_EQ(member.queue, "x");
    EXPECT_EQ(member.eta, now + seconds(30));
    EXPECT_EQ(member.headers.at("group"), "g");
  }
  EXPECT_EQ(members[0].priority, 3);
  EXPECT_EQ(members[1].id, "2");
}

TEST_F(TaskPublisher, AMembersOwnStampsStay) {
  const auto members = published(R"({"task": "celery.group", "subtask_type": "group",
      "options": {"stamped_headers": ["a"], "a": 1},
      "kwargs": {"tasks": [{"task": "a", "options": {"stamped_headers": ["a", "b"], "b": 2}},
                           {"task": "b"}]}})");

  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[0].headers.at("stamps"), (json::object{{"a", 1}, {"b", 2}}));
  EXPECT_EQ(members[1].headers.at("stamps"), (json::object{{"a", 1}}));
}

TEST_F(TaskPublisher, OptionsOfAChordAreThoseOfItsMembersAndItsBody) {
  const auto members = published(R"({"task": "celery.chord", "subtask_type": "chord",
      "options": {"task_id": "end", "queue": "x"},
      "kwargs": {"header": {"task": "celery.group", "subtask_type": "group",
                            "options": {"task_id": "g", "queue": "y", "priority": 9},
                            "kwargs": {"tasks": [{"task": "a"}]}},
                 "body": {"task": "sum", "options": {"queue": "z", "time_limit": 4}}}})");

  ASSERT_EQ(members.size(), 1U);
  EXPECT_EQ(members[0].queue, "x");
  EXPECT_EQ(members[0].priority, 9);
  EXPECT_NE(members[0].id, "end");
  EXPECT_EQ(members[0].headers.at("group"), "g");
  EXPECT_EQ(members[0].embed.at("chord").at("options"),
            (json::object{{"queue", "x"}, {"time_limit", 4}, {"task_id", "end"}}));
}

TEST_F(TaskPublisher, OptionsOfAChainAreThoseOfItsFirstOrItsLastStep) {
  const auto first = published(R"({"task": "celery.chain", "subtask_type": "chain",
      "options": {"queue": "x", "link": [{"task": "l"}], "link_error": [{"task": "e"}]},
      "kwargs": {"tasks": [{"task": "a"}, {"task": "b", "options": {"link": [{"task": "k"}]}}]}})");

  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].queue, "x");
  EXPECT_EQ(first[0].embed.at("errbacks").at(0).at("task"), "e");
  EXPECT_TRUE(first[0].embed.at("callbacks").is_null());
  const json::value& last = first[0].embed.at("chain").at(0).at("options");
  EXPECT_FALSE(last.as_object().contains("queue"));
  EXPECT_EQ(last.at("link").at(0).at("task"), "k");
  EXPECT_EQ(last.at("link").at(1).at("task"), "l");
  EXPECT_EQ(last.at("link_error").at(0).at("task"), "e");
}

TEST_F(TaskPublisher, TheBodyOfAChordWithinAChordIsAPartOfTheOuterOne) {
  const auto parts = published(R"({"task": "celery.chord", "subtask_type": "chord",
      "kwargs": {"body": {"task": "outer"}, "header": [
        {"task": "a"},
        {"task": "celery.chord", "subtask_type": "chord",
         "kwargs": {"header": [{"task": "b"}], "body": {"task": "inner"}}}]}})");

  ASSERT_EQ(parts.size(), 2U);
  ASSERT_EQ(following.stored.size(), 2U);
  EXPECT_EQ(following.stored[0].second, "2");
  EXPECT_EQ(following.stored[1].second, "1");
  const json::value& inner = parts[1].embed.at("chord");
  EXPECT_EQ(inner.at("task"), "inner");
  EXPECT_EQ(inner.at("options").at("chord").at("task"), "outer");
  EXPECT_EQ(inner.at("options").at("group_id"), parts[0].headers.at("group"));
  EXPECT_EQ(inner.at("options").at("group_index"), 1);
  EXPECT_NE(parts[1].headers.at("group"), parts[0].headers.at("group"));
}

TEST_F(TaskPublisher, AnEmptyChordWithinAChordIsAPartByItsBody) {
  const auto parts = published(R"({"task": "celery.chord", "subtask_type": "chord",
      "kwargs": {"body": {"task": "outer"}, "header": [
        {"task": "celery.chord", "subtask_type": "chord",
         "kwargs": {"header": [], "body": {"task": "inner"}}}]}})");

  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].task, "inner");
  EXPECT_EQ(parts[0].embed.at("chord").at("task"), "outer");
  EXPECT_TRUE(parts[0].headers.contains("group"));
}

TEST_F(TaskPublisher, EveryMemberOfAGroupWithinAChordIsAPart) {
  const auto parts = published(R"({"task": "celery.chord", "subtask_type": "chord",
      "kwargs": {"body": {"task": "outer"}, "header": [
        {"task": "celery.group", "subtask_type": "group", "options": {"task_id": "not this"},
         "kwargs": {"tasks": [{"task": "a"}, {"task": "b"}]}},
        {"task": "celery.chain", "subtask_type": "chain", "kwargs": {"tasks": [
           {"task": "c"},
           {"task": "celery.group", "subtask_type": "group",
            "kwargs": {"tasks": [{"task": "d"}, {"task": "e"}]}}]}},
        {"task": "f"}]}})");

  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(following.stored.at(0).second, "5");
  for (const auto& [part, index] : {std::pair(0, 0), {1, 1}, {3, 4}}) {
    EXPECT_EQ(parts[part].headers.at("group"), parts[0].headers.at("group"));
    EXPECT_EQ(parts[part].headers.at("group_index"), index);
    EXPECT_EQ(parts[part].embed.at("chord").at("task"), "outer");
  }
  EXPECT_NE(parts[0].headers.at("group"), "not this");

  const Following then = after_success(parts[2], 1, now, random);
  ASSERT_EQ(then.messages.size(), 2U);
  const result<Message> last = decode(then.messages[1].envelope);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->task, "e");
  EXPECT_EQ(last->headers.at("group"), parts[0].headers.at("group"));
  EXPECT_EQ(last->headers.at("group_index"), 3);
  EXPECT_EQ(last->embed.at("chord").at("task"), "outer");

  const std::vector<ChordPart> unfilled = parts_of(parts[2], false);
  ASSERT_EQ(unfilled.size(), 2U);
  EXPECT_EQ(unfilled[0].index, "2");
  EXPECT_EQ(unfilled[1].index, "3");
}

TEST_F(TaskPublisher, MembersOfAGroupGoOnWithWhatIsBehindIt) {
  parent.embed = json::parse(R"({"chain": [{"task": "z"}, {"task": "celery.group",
      "subtask_type": "group", "kwargs": {"tasks": [{"task": "a"}, {"task": "b"}]}}]})")
                     .get_object();

  const Following next = after_success(parent, 1, now, random);

  ASSERT_EQ(next.messages.size(), 2U);
  for (const Outgoing& one : next.messages) {
    EXPECT_EQ(decode(one.envelope)->embed.at("chain").at(0).at("task"), "z");
  }
}

TEST_F(TaskPublisher, WhatIsGivenUpFailsToItsEnds) {
  const Failure failure{"ValueError", {"boom"}};
  Publisher publisher(parent, now, random);
  publisher.give_up(json::parse(R"({"task": "celery.chord", "subtask_type": "chord",
      "options": {"chain": [{"task": "z", "options": {"task_id": "behind"}}]},
      "kwargs": {"header": [{"task": "a", "options": {"task_id": "not this"}}],
                 "body": {"task": "celery.group", "subtask_type": "group",
                          "kwargs": {"tasks": [{"task": "b", "options": {"task_id": "1"}},
                                               {"task": "c", "options": {"task_id": "2"}},
                                               {"task": "d"}]}}}})")
                        .get_object(),
                    failure);
  following = publisher.take();

  std::vector<std::string> keys;
  for (const auto& [key, value] : following.stored) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"celery-task-meta-1", "celery-task-meta-2",
                                            "celery-task-meta-behind"}));
  EXPECT_TRUE(following.messages.empty());
}

}  // namespace
}  // namespace seendr::tasks
