// No instant is lost and none runs twice, whoever dies when.
#include "runtime/task_group.hpp"

#include "integration/tasks/scheduler_stage.hpp"

namespace seendr::tasks {
namespace {

using std::chrono::seconds;

class SchedulerDeathTest : public SchedulerStage {
 protected:
  static awaitable<void> one_step(Scheduler& scheduler) { co_await scheduler.step(); }

  // A round that ends in its middle: after some turns of the event loop.
  awaitable<void> cut_short(Scheduler& scheduler, std::uint64_t turns) {
    TaskGroup tasks(io().get_executor(), [](const std::string&, std::exception_ptr) {});
    tasks.spawn("step", one_step(scheduler));
    for (std::uint64_t i = 0; i < turns; ++i) co_await net::post(io(), use_awaitable);
    tasks.cancel();
    co_await tasks.join();
  }

  static std::function<bool()> is_elected(const Scheduler& scheduler) {
    return [&scheduler] {
      return scheduler.elected();
    };
  }
  static std::function<bool()> is_not_elected(const Scheduler& scheduler) {
    return [&scheduler] {
      return !scheduler.elected();
    };
  }

  static TaskGroup::OnFailure reported() {
    return [](const std::string& name, std::exception_ptr error) {
      ADD_FAILURE() << name << ": " << what(error);
    };
  }
};

TEST_F(SchedulerDeathTest, TwoThatAreKilledInTurnEnqueueAHundredInstantsAHundredTimes) {
  run(
      [this]() -> awaitable<void> {
        const Entry entry = every(seconds(10));
        SeededRandom random(5);
        std::array<SchedulerPtr, 2> pair = {scheduler({entry}), scheduler({entry})};
        co_await pair[0]->step();
        const Instant start = now();
        std::int64_t enqueued = 0;
        int killed = 0;

        for (std::uint64_t second = 1; enqueued < 100 && second < 2000; ++second) {
          env_.clock.advance(seconds(1));
          for (const SchedulerPtr& one : pair) co_await one->step();
          const std::int64_t count = co_await waiting();
          if (count > enqueued) {  // Late by no more than a fail-over.
            EXPECT_EQ(count, enqueued + 1);
            EXPECT_LE(now() - last_until(entry, now()), seconds(5));
          }
          enqueued = count;
          for (SchedulerPtr& one : pair) {
            if (!one->elected() || random.below(7) != 0) continue;
            one = scheduler({entry});
            ++killed;
          }
        }
        const std::vector<Message> messages = co_await take();

        EXPECT_EQ(instants(messages), expected(entry, start, 100));
        EXPECT_GT(killed, 50);
      },
      seconds(60));
}

TEST_F(SchedulerDeathTest, WhoIsCutShortInTheMiddleOfAnythingLeavesNothingHalfDone) {
  run(
      [this]() -> awaitable<void> {
        Entry often = every(seconds(7), "often");
        often.jitter = seconds(3);
        const Entry minutely{.name = "minutely",
                             .task = "app.tidy",
                             .when = Calendar{Crontab::parse("* * * * *").value()}};
        const std::vector<Entry> entries = {often, minutely};
        SeededRandom random(6);
        std::array<SchedulerPtr, 3> all;
        all[0] = scheduler(entries);
        co_await all[0]->step();
        const Instant start = now();

        std::int64_t enqueued = 0;
        for (int round = 0; enqueued < 100 && round < 5000; ++round) {
          env_.clock.advance(Millis(random.below(2000)));
          SchedulerPtr& one = all[random.below(all.size())];
          if (!one) one = scheduler(entries);
          if (random.below(2) == 0) {
            co_await cut_short(*one, random.below(40));
            if (random.below(2) == 0) one.reset();  // Or it goes on and finds out.
          } else {
            co_await one->step();
          }
          enqueued = co_await waiting();
        }
        const std::vector<Message> messages = co_await take();

        for (const Entry& entry : entries) {
          const std::vector<Instant> ran = instants(messages, entry.name);
          EXPECT_GT(ran.size(), 5U);
          EXPECT_EQ(ran, expected(entry, start, ran.size())) << entry.name;
        }
      },
      seconds(60));
}

// By real clocks, with the loops that run in a process.
TEST_F(SchedulerDeathTest, AnotherOneGoesOnWithinFiveSeconds) {
  run(
      [this]() -> awaitable<void> {
        store_options_.clock = nullptr;
        const Entry entry = every(seconds(1));
        const SchedulerPtr ada = scheduler({entry});
        const SchedulerPtr bob = scheduler({entry});
        TaskGroup adas(io().get_executor(), reported());
        TaskGroup bobs(io().get_executor(), reported());
        adas.spawn("ada", ada->run());
        const bool elected = co_await test::becomes(is_elected(*ada), seconds(5));
        EXPECT_TRUE(elected);
        bobs.spawn("bob", bob->run());

        adas.cancel();
        co_await adas.join();
        const bool followed = co_await test::becomes(is_elected(*bob), seconds(5));
        EXPECT_TRUE(followed);
        std::int64_t count = 0;
        for (int i = 0; count < 5 && i < 5000; ++i) {
          co_await sleep_for(Millis(2));
          count = co_await waiting();
        }
        bobs.cancel();
        co_await bobs.join();

        const std::vector<Message> messages = co_await take();
        const std::vector<Instant> ran = instants(messages);
        EXPECT_GE(ran.size(), 5U);
        if (ran.empty()) co_return;
        EXPECT_EQ(ran, expected(entry, ran[0] - Millis(1), ran.size()));
      },
      seconds(30));
}

TEST_F(SchedulerDeathTest, OneThatLosesRedisIsElectedAgainWhenItIsBack) {
  run(
      [this]() -> awaitable<void> {
        store_options_.clock = nullptr;
        const SchedulerPtr ada = scheduler({every(seconds(1))});
        TaskGroup tasks(io().get_executor(), reported());
        tasks.spawn("ada", ada->run());
        const bool elected = co_await test::becomes(is_elected(*ada), seconds(5));

        server().kill9();
        const bool lost = co_await test::becomes(is_not_elected(*ada), seconds(10));
        server().start();
        const bool again = co_await test::becomes(is_elected(*ada), seconds(10));

        EXPECT_TRUE(elected && lost && again);
        tasks.cancel();
        co_await tasks.join();
      },
      seconds(40));
}

}  // namespace
}  // namespace seendr::tasks
