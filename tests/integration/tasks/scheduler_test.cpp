#include "tasks/scheduler.hpp"

#include "integration/tasks/scheduler_stage.hpp"

namespace seendr::tasks {
namespace {

using std::chrono::seconds;

class SchedulerTest : public SchedulerStage {};

TEST_F(SchedulerTest, EnqueuesWhatWorkersOfCeleryRead) {
  run([this]() -> awaitable<void> {
    Entry entry = every(seconds(60));
    entry.args = {1, "two"};
    entry.kwargs = {{"three", 3}};
    entry.expires = seconds(10);
    const SchedulerPtr scheduler = this->scheduler({entry});
    co_await scheduler->step();
    env_.clock.advance(seconds(60));
    co_await scheduler->step();

    const std::vector<Message> messages = co_await take();
    EXPECT_EQ(messages.size(), 1U);
    if (messages.empty()) co_return;
    const Message& message = messages[0];
    EXPECT_EQ(message.id.size(), 36U);
    EXPECT_EQ(message.task, "app.tidy");
    EXPECT_EQ(message.args, entry.args);
    EXPECT_EQ(message.kwargs, entry.kwargs);
    EXPECT_EQ(message.queue, "celery");
    EXPECT_EQ(message.delivery_tag.size(), 36U);
    EXPECT_FALSE(message.eta);
    EXPECT_EQ(to_iso(message.expires.value()), "2026-01-01T00:01:10+00:00");
    EXPECT_TRUE(message.ignore_result);
    EXPECT_EQ(header(message, "periodic_task_name"), "tidy");
    EXPECT_EQ(header(message, "seendr_instant"), "2026-01-01T00:01:00+00:00");
  });
}

TEST_F(SchedulerTest, AnEntryThatWasNeverSeenBeginsNow) {
  run([this]() -> awaitable<void> {
    Entry entry = every(seconds(60));
    entry.missed = Missed::run_once;
    env_.clock.advance(seconds(90));
    const SchedulerPtr scheduler = this->scheduler({entry});
    co_await scheduler->step();
    co_await scheduler->step();
    const std::int64_t count = co_await waiting();
    EXPECT_EQ(count, 0);
  });
}

TEST_F(SchedulerTest, WaitsForTheNextInstantAndNeverBeyondARenewal) {
  run([this]() -> awaitable<void> {
    const SchedulerPtr ada = scheduler({every(seconds(60))});
    const SchedulerPtr bob = scheduler({every(seconds(60))});

    const Millis first = co_await ada->step();
    const Millis not_elected = co_await bob->step();
    EXPECT_EQ(first, Millis(1000));
    EXPECT_EQ(not_elected, Millis(1000));

    env_.clock.advance(Millis(2600));
    const Millis until_the_lease_ends = co_await bob->step();
    EXPECT_EQ(until_the_lease_ends, Millis(400));

    env_.clock.advance(Millis(57'200));
    const Millis until_the_instant = co_await ada->step();
    EXPECT_EQ(until_the_instant, Millis(200));
  });
}

TEST_F(SchedulerTest, OnlyTheElectedOneEnqueues) {
  run([this]() -> awaitable<void> {
    const SchedulerPtr ada = scheduler({every(seconds(1))});
    const SchedulerPtr bob = scheduler({every(seconds(1))});
    const Instant start = now();
    for (int i = 0; i <= 10; ++i) {
      co_await bob->step();
      co_await ada->step();
      env_.clock.advance(seconds(1));
    }
    const std::vector<Message> messages = co_await take();

    EXPECT_TRUE(bob->elected());
    EXPECT_FALSE(ada->elected());
    EXPECT_EQ(instants(messages), expected(every(seconds(1)), start, 10));
    EXPECT_NE(metrics().scrape().find("seendr_tasks_scheduled_total 10"), std::string::npos);
  });
}

TEST_F(SchedulerTest, WhoWasAwayTooLongFindsOut) {
  run([this]() -> awaitable<void> {
    const SchedulerPtr ada = scheduler({every(seconds(1))});
    const SchedulerPtr bob = scheduler({every(seconds(1))});
    co_await ada->step();
    env_.clock.advance(seconds(4));
    co_await bob->step();
    co_await ada->step();

    EXPECT_FALSE(ada->elected());
    EXPECT_TRUE(bob->elected());
    const std::int64_t count = co_await waiting();
    EXPECT_EQ(count, 4);
  });
}

TEST_F(SchedulerTest, WhoResignsIsFollowedAtOnce) {
  run([this]() -> awaitable<void> {
    const SchedulerPtr ada = scheduler({every(seconds(1))});
    const SchedulerPtr bob = scheduler({every(seconds(1))});
    co_await ada->step();
    co_await ada->resign();
    EXPECT_FALSE(ada->elected());
    co_await bob->step();
    EXPECT_TRUE(bob->elected());
  });
}

TEST_F(SchedulerTest, ARestartGoesOnAndTreatsWhatWasMissedAsTheEntrySays) {
  run([this]() -> awaitable<void> {
    Entry skips = every(seconds(60), "skips");
    Entry runs = every(seconds(60), "runs");
    runs.missed = Missed::run_once;
    const Instant start = now();
    {
      const SchedulerPtr before = scheduler({skips, runs});
      co_await before->step();
    }
    env_.clock.advance(seconds(645));
    const SchedulerPtr after = scheduler({skips, runs});
    co_await after->step();
    co_await after->step();
    env_.clock.advance(seconds(30));
    co_await after->step();

    const std::vector<Message> messages = co_await take();
    const std::vector<Instant> next{start + seconds(660)};
    const std::vector<Instant> last_and_next{start + seconds(600), start + seconds(660)};
    EXPECT_EQ(instants(messages, "skips"), next);
    EXPECT_EQ(instants(messages, "runs"), last_and_next);
    EXPECT_NE(metrics().scrape().find("seendr_tasks_schedule_missed_total 2"), std::string::npos);
  });
}

TEST_F(SchedulerTest, AMissedRunExpiresAsLongAfterItWasEnqueuedAsOthers) {
  run([this]() -> awaitable<void> {
    Entry entry = every(seconds(60));
    entry.missed = Missed::run_once;
    entry.expires = seconds(10);
    const SchedulerPtr scheduler = this->scheduler({entry});
    co_await scheduler->step();
    env_.clock.advance(seconds(100));
    co_await scheduler->step();

    const std::vector<Message> messages = co_await take();
    EXPECT_EQ(messages.size(), 1U);
    if (messages.empty()) co_return;
    EXPECT_EQ(header(messages[0], "seendr_instant"), "2026-01-01T00:01:00+00:00");
    EXPECT_EQ(to_iso(messages[0].expires.value()), "2026-01-01T00:01:50+00:00");
  });
}

TEST_F(SchedulerTest, AFullQueueIsTriedAgainUntilTheInstantIsTooLate) {
  run([this]() -> awaitable<void> {
    store_options_.queue_limit = 1;
    const SchedulerPtr scheduler = this->scheduler({every(seconds(60))});
    const Instant start = now();
    co_await scheduler->step();
    const redis::Command fill("LPUSH", "celery", "something");
    const redis::Command drop("DEL", "celery");
    co_await redis().exec(fill);
    env_.clock.advance(seconds(60));
    co_await scheduler->step();
    env_.clock.advance(seconds(1));
    const Millis wait = co_await scheduler->step();
    EXPECT_EQ(wait, Millis(1000));

    co_await redis().exec(drop);
    env_.clock.advance(seconds(1));
    co_await scheduler->step();
    const std::vector<Message> first = co_await take();
    EXPECT_EQ(instants(first), (std::vector<Instant>{start + seconds(60)}));

    co_await redis().exec(fill);
    env_.clock.advance(seconds(58));
    co_await scheduler->step();
    env_.clock.advance(seconds(31));
    co_await scheduler->step();
    co_await redis().exec(drop);
    co_await scheduler->step();
    const std::int64_t count = co_await waiting();
    EXPECT_EQ(count, 0);
  });
}

TEST_F(SchedulerTest, WhatIsStoredAndCannotBeReadIsAsIfNeverSeen) {
  run([this]() -> awaitable<void> {
    const redis::Command spoil("HSET", "seendr:tasks:schedule:settled", "tidy", "yesterday");
    co_await redis().exec(spoil);
    const SchedulerPtr scheduler = this->scheduler({every(seconds(60))});
    co_await scheduler->step();
    env_.clock.advance(seconds(60));
    co_await scheduler->step();
    const std::int64_t count = co_await waiting();
    EXPECT_EQ(count, 1);
  });
}

TEST_F(SchedulerTest, AnEntryThatIsGoneForAMonthIsForgotten) {
  run([this]() -> awaitable<void> {
    ScheduleStore store(env(), redis(), store_options_);
    const SchedulerPtr two = scheduler({every(seconds(60)), every(seconds(60), "gone")});
    co_await two->step();
    env_.clock.advance(seconds(60));
    co_await two->step();
    co_await two->resign();

    env_.clock.advance(std::chrono::hours(30 * 24));
    const SchedulerPtr soon = scheduler({every(seconds(60))});
    co_await soon->step();
    const std::map<std::string, std::string> kept = co_await store.settled();
    co_await soon->resign();
    env_.clock.advance(Millis(1));
    const SchedulerPtr late = scheduler({every(seconds(60))});
    co_await late->step();
    const std::map<std::string, std::string> left = co_await store.settled();

    EXPECT_EQ(kept.count("gone"), 1U);
    EXPECT_EQ(left.count("gone"), 0U);
    EXPECT_EQ(left.count("tidy"), 1U);
    EXPECT_TRUE(late->elected());
  });
}

}  // namespace
}  // namespace seendr::tasks
