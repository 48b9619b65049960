#include "tasks/wakeup.hpp"

#include "task_host.hpp"

namespace seendr::tasks {
namespace {

class WakeupTest : public TasksTest {
 protected:
  WakeupTest()
      : watching(another_client()),
        wakeup(env(), watching),
        tasks_(io().get_executor(), [](const std::string&, std::exception_ptr) {}) {
    tasks_.spawn("wakeup", wakeup.run());
  }
  ~WakeupTest() override {
    tasks_.cancel();
    run([this]() -> awaitable<void> { co_await tasks_.join(); });
  }

  awaitable<bool> look() {
    std::vector<std::string> lists(1, "q");
    co_return co_await wakeup.look(std::move(lists), std::nullopt);
  }

  // Looks until Redis tells of changes: nothing wakes any more.
  awaitable<void> settle_down() {
    for (auto waited = Millis(0); waited < 100ms;) {
      co_await look();
      const auto start = std::chrono::steady_clock::now();
      co_await wakeup.wait(100ms);
      waited = std::chrono::ceil<Millis>(std::chrono::steady_clock::now() - start);
    }
  }

  redis::Client& watching;
  Wakeup wakeup;

 private:
  TaskGroup tasks_;
};

TEST_F(WakeupTest, SaysWhetherAListHasMessages) {
  run([&]() -> awaitable<void> {
    const bool before = co_await look();
    co_await number("LPUSH", "q", "x");
    const bool after = co_await look();

    EXPECT_FALSE(before);
    EXPECT_TRUE(after);
  });
}

TEST_F(WakeupTest, SaysWhetherThereIsATimerThatTheCallerDoesNotKnow) {
  run([&]() -> awaitable<void> {
    const std::vector<std::string> lists(1, "q");
    const bool none = co_await wakeup.look(lists, std::nullopt);
    EXPECT_FALSE(none);
    co_await number("ZADD", std::string_view(kTimersKey), 1'700'000'000'000, "t");
    const bool unknown = co_await wakeup.look(lists, std::nullopt);
    EXPECT_TRUE(unknown);
    const bool known = co_await wakeup.look(lists, 1'700'000'000'000);
    EXPECT_FALSE(known);
    const bool earlier = co_await wakeup.look(lists, 1'700'000'000'001);
    EXPECT_TRUE(earlier);
  });
}

TEST_F(WakeupTest, AMessageOfAnybodyWakesAtOnceAndStaysWhereItIs) {
  run([&]() -> awaitable<void> {
    co_await settle_down();
    for (int i = 0; i < 10; ++i) {
      co_await look();
      const auto start = std::chrono::steady_clock::now();
      co_await number("LPUSH", "q", "x");
      co_await wakeup.wait(5000ms);
      EXPECT_LT(std::chrono::steady_clock::now() - start, 1000ms);
      const std::int64_t length = co_await number("LLEN", "q");
      EXPECT_EQ(length, 1);
      co_await number("DEL", "q");
      co_await wakeup.wait(20ms);
    }
  });
}

TEST_F(WakeupTest, ATimerWakes) {
  run([&]() -> awaitable<void> {
    co_await settle_down();
    const auto start = std::chrono::steady_clock::now();
    co_await number("ZADD", std::string_view(kTimersKey), 1, "t");
    co_await wakeup.wait(5000ms);

    EXPECT_LT(std::chrono::steady_clock::now() - start, 1000ms);
  });
}

TEST_F(WakeupTest, ItWaitsNoLongerThanItIsTold) {
  run([&]() -> awaitable<void> {
    co_await settle_down();
    const auto start = std::chrono::steady_clock::now();
    co_await wakeup.wait(30ms);

    const auto waited = std::chrono::steady_clock::now() - start;
    EXPECT_GE(waited, 30ms);
    EXPECT_LT(waited, 1000ms);
  });
}

}  // namespace
}  // namespace seendr::tasks
