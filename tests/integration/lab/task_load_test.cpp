#include "lab/task_load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/task_host.hpp"
#include "support/redis_test.hpp"

namespace seendr::lab {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::Gt;
using testing::HasSubstr;
using testing::SizeIs;

class TaskLoadTest : public test::RedisTest {};

TEST_F(TaskLoadTest, AWorkerDoesWhatWasEnqueuedAndNotesHowLongItWaited) {
  run([this]() -> awaitable<void> {
    TaskLoad load(env(), redis());
    co_await load.fill(200);
    TaskHost host(env(), redis().options().url);
    const Rate rate = co_await load.wait_done(200, 5s);
    const Rate stamped = co_await load.enqueue_stamps(500, 200ms);
    co_await load.wait_done(stamped.count, 5s);
    const std::vector<double> waited = host.stop();

    EXPECT_EQ(rate.count, 200U);
    EXPECT_GT(rate.per_second(), 0);
    EXPECT_EQ(stamped.count, 101U);
    EXPECT_GE(stamped.seconds, 0.2);
    EXPECT_THAT(waited, SizeIs(101));
    EXPECT_THAT(waited, Each(Gt(0)));
  });
}

TEST_F(TaskLoadTest, SaysWhenNobodyDoesTheTasks) {
  run([this]() -> awaitable<void> {
    TaskLoad load(env(), redis());
    co_await load.fill(3);
    std::string failure;
    try {
      co_await load.wait_done(3, 20ms);
    } catch (const std::runtime_error& error) {
      failure = what(error);
    }
    EXPECT_THAT(failure, HasSubstr("3 of 3 tasks were not done in time"));
    co_await load.clear();
    const Rate nothing = co_await load.wait_done(1, 20ms);
    EXPECT_EQ(nothing.count, 1U);
  });
}

}  // namespace
}  // namespace seendr::lab
