#include "app/after_work.hpp"

#include <gtest/gtest.h>

#include "runtime/sleep.hpp"
#include "support/env.hpp"
#include "support/run.hpp"

namespace seendr::app {
namespace {

using namespace std::chrono_literals;

class AfterWorkTest : public testing::Test {
 protected:
  template <class Body>
  void run(Body body) {
    test::run(io_, std::move(body));
  }

  // Ends after `time`, or when it is cancelled.
  static awaitable<void> note_after(Millis time, int& ended) {
    co_await sleep_for(time);
    ++ended;
  }

  test::TestEnv env_;
  net::io_context io_;
};

TEST_F(AfterWorkTest, LetsWhatIsUnderWayEnd) {
  int ended = 0;
  run([&]() -> awaitable<void> {
    AfterWork after(env_.real(), io_.get_executor());
    EXPECT_TRUE(after.start("a", note_after(1ms, ended)));
    EXPECT_TRUE(after.start("b", note_after(20ms, ended)));
    co_await after.close(5s);
  });
  EXPECT_EQ(ended, 2);
}

TEST_F(AfterWorkTest, CutsOffWhatTakesTooLong) {
  int ended = 0;
  run([&]() -> awaitable<void> {
    AfterWork after(env_.real(), io_.get_executor());
    after.start("forever", note_after(1h, ended));
    co_await after.close(10ms);
  });
  EXPECT_EQ(ended, 0);
}

TEST_F(AfterWorkTest, DropsWhatIsTooMuchOrTooLate) {
  int ended = 0;
  run([&]() -> awaitable<void> {
    AfterWork after(env_.real(), io_.get_executor(), 2);
    EXPECT_TRUE(after.start("a", note_after(5ms, ended)));
    EXPECT_TRUE(after.start("b", note_after(5ms, ended)));
    EXPECT_FALSE(after.start("c", note_after(5ms, ended)));
    co_await after.close(5s);
    EXPECT_FALSE(after.start("d", note_after(5ms, ended)));
  });
  EXPECT_EQ(ended, 2);
}

TEST_F(AfterWorkTest, GoesOnAfterAFailure) {
  int ended = 0;
  run([&]() -> awaitable<void> {
    AfterWork after(env_.real(), io_.get_executor(), 1);
    auto fail = []() -> awaitable<void> {
      co_await sleep_for(1ms);
      throw std::runtime_error("broken");
    };
    after.start("broken", fail());
    bool started = false;
    for (int turn = 0; turn < 1000 && !started; ++turn) {
      co_await sleep_for(1ms);
      started = after.start("next", note_after(1ms, ended));
    }
    EXPECT_TRUE(started);
    co_await after.close(5s);
  });
  EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace seendr::app
