#include "app/presence.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include "runtime/sleep.hpp"
#include "runtime/task_group.hpp"
#include "support/redis_test.hpp"

namespace seendr::app {
namespace {

class PresenceTest : public test::RedisTest {
 protected:
  // A process that counts, from its first look until stop().
  struct Process {
    Process(PresenceTest& test, std::string name, std::size_t people)
        : keeper(
              test.env_.manual(), test.redis(), std::move(name),
              [people] {
                return PresenceKeeper::Local{people, {}};
              },
              board),
          tasks(test.io().get_executor(), [](const std::string&, std::exception_ptr error) {
            ADD_FAILURE() << what(error);
          }) {
      tasks.spawn("presence", keeper.run());
    }

    // Until what was counted first is published.
    awaitable<void> looked() {
      const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
      while (board.view()->online == 0 && std::chrono::steady_clock::now() < end) {
        co_await sleep_for(Millis(2));
      }
    }

    awaitable<void> stop() {
      tasks.cancel();
      co_await tasks.join();
    }

    PresenceBoard board;
    PresenceKeeper keeper;
    TaskGroup tasks;
  };

  awaitable<std::string> hour(std::string field) {
    redis::Command get("HGET", "seendr:app:hours", std::move(field));
    const redis::Reply reply = co_await redis().exec(std::move(get));
    co_return reply.is_nil() ? "" : reply.text();
  }

  // Every hour of the day was seen so many minutes, hour h with h people in each.
  awaitable<void> remember_hours(int minutes) {
    redis::Command set("HSET", "seendr:app:hours");
    for (int h = 0; h < 24; ++h) {
      set.arg(std::to_string(h) + ":sum").arg(std::to_string(h * minutes));
      set.arg(std::to_string(h) + ":n").arg(std::to_string(minutes));
    }
    co_await redis().exec(std::move(set));
    redis::Command taken("SET", "seendr:app:hours:minute", "1");
    co_await redis().exec(std::move(taken));
  }
};

TEST_F(PresenceTest, AddsEverybodyOfAllProcessesToTheHourOnceAMinute) {
  run([this]() -> awaitable<void> {
    env_.clock.advance(Millis(3'600'000));  // 01:00 UTC.
    const std::int64_t now = env_.clock.wall_ms();
    const std::string fresh = std::to_string(now) + "|5";
    const std::string silent = std::to_string(now - 60'000) + "|100";
    redis::Command others("HSET", "seendr:app:hosts", "other", fresh, "gone", silent);
    co_await redis().exec(std::move(others));

    Process first(*this, "first", 7);
    co_await first.looked();
    Process second(*this, "second", 1);
    co_await second.looked();

    const std::string sum = co_await hour("1:sum");
    const std::string minutes = co_await hour("1:n");
    EXPECT_EQ(first.board.view()->online, 12U);
    EXPECT_EQ(second.board.view()->online, 13U);
    EXPECT_EQ(sum, "12") << "what the first of them saw";
    EXPECT_EQ(minutes, "1") << "one process a minute";
    co_await first.stop();
    co_await second.stop();
  });
}

TEST_F(PresenceTest, TellsWhatIsUsualWhenEveryHourWasSeenLongEnough) {
  run([this]() -> awaitable<void> {
    co_await remember_hours(30);

    Process process(*this, "first", 7);
    co_await process.looked();

    std::array<int, 24> hours{};
    std::iota(hours.begin(), hours.end(), 0);
    EXPECT_EQ(process.board.view()->usual_by_hour, std::optional(hours));
    co_await process.stop();
  });
}

TEST_F(PresenceTest, TellsNothingUsualBeforeThat) {
  run([this]() -> awaitable<void> {
    co_await remember_hours(29);

    Process process(*this, "first", 7);
    co_await process.looked();

    EXPECT_EQ(process.board.view()->online, 7U);
    EXPECT_FALSE(process.board.view()->usual_by_hour);
    co_await process.stop();
  });
}

}  // namespace
}  // namespace seendr::app
