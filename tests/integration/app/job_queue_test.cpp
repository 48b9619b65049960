#include "app/jobs/job_queue.hpp"

#include "support/redis_test.hpp"
#include "tasks/inspector.hpp"

namespace seendr::app {
namespace {

class JobQueueTest : public test::RedisTest {
 protected:
  JobQueue jobs_{env(), redis()};
};

TEST_F(JobQueueTest, EnqueuesInTheQueueOfOurOwn) {
  run([&]() -> awaitable<void> {
    json::array args{7};
    const bool done = co_await jobs_.enqueue(job::kCleanUp, std::move(args));
    EXPECT_TRUE(done);
    tasks::Inspector inspector(redis());
    const std::vector<tasks::SeenTask> waiting = co_await inspector.waiting("seendr", 10);
    EXPECT_EQ(waiting.size(), 1U);
    EXPECT_EQ(waiting.at(0).message->task, "seendr.data.clean_up");
    EXPECT_EQ(waiting.at(0).message->args, json::array{7});
  });
}

TEST_F(JobQueueTest, EnqueuesMailsApart) {
  run([&]() -> awaitable<void> {
    json::array args{7};
    co_await jobs_.enqueue(job::kVerificationMail, std::move(args));
    tasks::Inspector inspector(redis());
    const std::vector<tasks::SeenTask> waiting = co_await inspector.waiting("seendr.mail", 10);
    EXPECT_EQ(waiting.size(), 1U);
  });
}

TEST_F(JobQueueTest, OutlastsARedisThatIsAwayForAMoment) {
  run(
      [&]() -> awaitable<void> {
        server().kill9();
        std::optional<bool> done;
        json::array args{7};
        test::start(io(), jobs_.enqueue(job::kVerificationMail, std::move(args)), done);
        const std::function<bool()> gone = [this] {
          return !redis().connected();
        };
        const bool seen = co_await test::becomes(gone, Millis(5000));
        EXPECT_TRUE(seen);
        server().start();
        const std::function<bool()> ended = [&done] {
          return done.has_value();
        };
        const bool there = co_await test::becomes(ended, Millis(9000));
        EXPECT_TRUE(there);
        EXPECT_TRUE(done.value_or(false));
      },
      std::chrono::seconds(20));
}

TEST_F(JobQueueTest, GivesUpWhenRedisStaysAway) {
  redis::Client& hasty =
      another_client([](redis::ClientOptions& options) { options.command_timeout = Millis(50); });
  JobQueue jobs(env(), hasty);
  run([&]() -> awaitable<void> {
    server().kill9();
    json::array args{7};
    const bool done = co_await jobs.enqueue(job::kVerificationMail, std::move(args));
    EXPECT_FALSE(done);
    server().start();
  });
}

}  // namespace
}  // namespace seendr::app
