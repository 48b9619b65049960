#include "tasks/outcome.hpp"

#include <gtest/gtest.h>

namespace seendr::tasks {
namespace {

using namespace std::chrono_literals;

const Time kNow = *from_iso("2026-11-23T04:01:01.5Z");

Message message() {
  Message one;
  one.id = "i";
  one.task = "t";
  one.queue = "q";
  one.delivery_tag = "tag";
  one.root_id = "root";
  one.parent_id = "parent";
  one.embed["callbacks"] = json::array();
  one.headers["group"] = "g";
  return one;
}

Result stored(const Settlement& settlement) {
  const std::optional<Result> result = decode_result(settlement.result);
  return result ? *result : Result();
}

TEST(TaskOutcome, ASuccessIsAcknowledgedWithItsResult) {
  const Settlement settlement = succeeded(message(), 5, 1s, kNow);

  EXPECT_EQ(settlement.fate, Fate::ack);
  EXPECT_EQ(settlement.task_id, "i");
  EXPECT_EQ(settlement.done_ttl, 1s);
  EXPECT_EQ(stored(settlement).state, State::success);
  EXPECT_EQ(stored(settlement).value, json::value(5));
  EXPECT_EQ(stored(settlement).done, kNow);
  EXPECT_EQ(stored(settlement).parent_id, "parent");
}

TEST(TaskOutcome, AnotherAttemptIsTheSameTaskLater) {
  SeededRandom random(1);
  Message one = message();
  one.deliveries = 2;
  one.headers["seendr_deliveries"] = 2;
  const Fault fault{.failure = Failure{"ValueError", {"boom"}}};

  const Settlement settlement = retried(one, fault, 250ms, kNow, random);

  EXPECT_EQ(settlement.fate, Fate::later);
  EXPECT_EQ(Time(Millis(settlement.due_ms)), kNow + 250ms);
  EXPECT_EQ(stored(settlement).state, State::retry);
  EXPECT_EQ(stored(settlement).failure->text(), "ValueError: boom");
  const result<Message> again = decode(settlement.envelope);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, "i");
  EXPECT_EQ(again->retries, 1);
  EXPECT_EQ(again->eta, kNow + 250ms);
  EXPECT_EQ(again->parent_id, "i");
  EXPECT_EQ(again->root_id, "root");
  EXPECT_EQ(again->headers.at("group"), "g");
  EXPECT_EQ(again->embed.at("callbacks"), json::array());
  EXPECT_EQ(again->deliveries, 0);
  EXPECT_NE(again->delivery_tag, "tag");
}

TEST(TaskOutcome, ATimerIsNeverDueBeforeItsTask) {
  SeededRandom random(1);

  const Settlement settlement = retried(message(), Fault(), 0ms, kNow + 1us, random);

  EXPECT_GT(Time(Millis(settlement.due_ms)), kNow);
}

TEST(TaskOutcome, AFailureIsADeadLetterThatSaysWhy) {
  const Failure failure{"ValueError", {"two\nlines"}};

  const Settlement settlement = failed(message(), "envelope", failure, "failed", kNow);

  EXPECT_EQ(settlement.fate, Fate::bury);
  EXPECT_EQ(settlement.envelope, "envelope");
  EXPECT_EQ(settlement.reason.find('\n'), std::string::npos);
  const json::value reason = json::parse(settlement.reason);
  EXPECT_EQ(reason.at("reason"), "failed");
  EXPECT_EQ(reason.at("exception"), "ValueError: two\nlines");
  EXPECT_EQ(reason.at("task"), "t");
  EXPECT_EQ(reason.at("id"), "i");
  EXPECT_EQ(stored(settlement).state, State::failure);
}

TEST(TaskOutcome, WhatWasNotRunIsRevoked) {
  const Settlement settlement = revoked(message(), "expired", kNow);

  EXPECT_EQ(settlement.fate, Fate::ack);
  EXPECT_EQ(stored(settlement).state, State::revoked);
  EXPECT_EQ(stored(settlement).failure->text(), "TaskRevokedError: expired");
  EXPECT_EQ(stored(settlement).failure->module, "celery.exceptions");
}

TEST(TaskOutcome, NoResultIsStoredWhereNoneIsWanted) {
  SeededRandom random(1);
  Message quiet = message();
  quiet.ignore_result = true;

  EXPECT_EQ(succeeded(quiet, 5, 0ms, kNow).result, "");
  EXPECT_EQ(retried(quiet, Fault(), 1ms, kNow, random).result, "");
  EXPECT_EQ(failed(quiet, "", Failure(), "failed", kNow).result, "");
  EXPECT_EQ(revoked(quiet, "revoked", kNow).result, "");
}

TEST(TaskOutcome, WhatGoesBackIsMarkedIfItCanBe) {
  const Settlement marked = returned(R"({"headers": {"id": "i"}})");

  EXPECT_EQ(marked.fate, Fate::back);
  EXPECT_EQ(json::parse(marked.envelope).at("headers").at("redelivered"), true);
  EXPECT_EQ(returned("no json").envelope, "no json");
}

TEST(TaskOutcome, WhatIsUnreadableIsKeptAsItCame) {
  const Settlement settlement = unreadable("no json", Errc::not_json);

  EXPECT_EQ(settlement.fate, Fate::bury);
  EXPECT_EQ(settlement.envelope, "no json");
  EXPECT_EQ(json::parse(settlement.reason).at("reason"), "malformed");
  EXPECT_EQ(settlement.result, "");
}

TEST(TaskOutcome, FailuresOfOursHaveNamesThatPythonKnows) {
  EXPECT_EQ(not_registered("t").text(), "NotRegistered: t");
  EXPECT_EQ(time_limit_exceeded(1500ms).type, "TimeLimitExceeded");
  EXPECT_EQ(time_limit_exceeded(1500ms).arguments, json::array{1.5});
  EXPECT_EQ(worker_lost().type, "WorkerLostError");
}

}  // namespace
}  // namespace seendr::tasks
