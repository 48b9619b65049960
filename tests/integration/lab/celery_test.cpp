#include "lab/celery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/task_load.hpp"
#include "support/redis_test.hpp"

namespace seendr::lab {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::Gt;
using testing::HasSubstr;
using testing::SizeIs;

class CeleryTest : public test::RedisTest {
 protected:
  CeleryOptions options() {
    CeleryOptions options;
    options.socket = server().url().path;
    options.database = redis().options().url.db;
    options.folder = server().directory();
    return options;
  }
};

TEST_F(CeleryTest, EnqueuesAtARate) {
  run([this]() -> awaitable<void> {
    Celery celery(options());
    const double rate = co_await celery.enqueue_rate(100ms);

    const redis::Command length("LLEN", "celery");
    const redis::Reply waiting = co_await redis().exec(length);
    EXPECT_GT(rate, 1);
    EXPECT_GT(waiting.as_int(), 1);
  });
}

TEST_F(CeleryTest, ItsWorkersDoWhatWeEnqueueAndNoteHowLongItWaited) {
  run(
      [this]() -> awaitable<void> {
        Celery celery(options());
        TaskLoad load(env(), redis());
        for (const char* pool : {"solo", "prefork"}) {
          co_await load.fill(20);
          ChildProcess worker = celery.start_worker(pool, 2);
          const Rate rate = co_await load.wait_done(20, 20s);
          const Rate stamped = co_await load.enqueue_stamps(100, 200ms);
          co_await celery.wait_noted(stamped.count, 20s);
          co_await load.wait_done(stamped.count, 20s);
          const std::vector<double> waited = celery.stop_worker(std::move(worker));

          EXPECT_GT(rate.per_second(), 0);
          EXPECT_EQ(stamped.count, 21U);
          EXPECT_THAT(waited, SizeIs(stamped.count));
          EXPECT_THAT(waited, Each(Gt(0)));
        }
      },
      60s);
}

TEST_F(CeleryTest, SaysWhenNobodyDoesTheTasks) {
  run([this]() -> awaitable<void> {
    Celery celery(options());
    std::string failure;
    try {
      co_await celery.wait_noted(1, 20ms);
    } catch (const std::runtime_error& error) {
      failure = what(error);
    }
    EXPECT_THAT(failure, HasSubstr("noted 0 of 1 tasks"));
  });
}

TEST_F(CeleryTest, SaysThatItIsMissing) {
  run([this]() -> awaitable<void> {
    CeleryOptions without = options();
    without.python = "/bin/false";
    Celery celery(without);
    std::string failure;
    try {
      co_await celery.enqueue_rate(10ms);
    } catch (const std::runtime_error& error) {
      failure = what(error);
    }
    EXPECT_THAT(failure, HasSubstr("python3-celery"));
  });
}

TEST_F(CeleryTest, SaysWhyAWorkerEnded) {
  run(
      [this]() -> awaitable<void> {
        Celery celery(options());
        ChildProcess worker = celery.start_worker("unheard-of", 1);
        const bool ended = co_await worker.ended(20s);
        std::string failure;
        try {
          celery.stop_worker(std::move(worker));
        } catch (const std::runtime_error& error) {
          failure = what(error);
        }
        EXPECT_TRUE(ended);
        EXPECT_THAT(failure, HasSubstr("ended by itself: "));
        EXPECT_THAT(failure, HasSubstr("unheard-of"));
      },
      30s);
}

}  // namespace
}  // namespace seendr::lab
