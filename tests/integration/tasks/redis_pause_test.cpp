// Redis stands still for longer than a lease and goes on with all that was sent to it meanwhile.
#include "task_scene.hpp"

namespace seendr::tasks {
namespace {

class RedisPauseTest : public SceneTest {
 protected:
  awaitable<void> pause(Millis length) {
    server().pause();
    const auto until = std::chrono::steady_clock::now() + length;
    const std::function<bool()> over = [until] {
      return std::chrono::steady_clock::now() >= until;
    };
    co_await test::becomes(over, length + 5s);
    server().resume();
  }
};

TEST_F(RedisPauseTest, WhenNobodySweptForAWhileThoseWhoLiveMayRenewFirst) {
  run([&]() -> awaitable<void> {
    Queues holder(env(), redis(), QueuesOptions());
    Queues first(env(), redis(), QueuesOptions());
    Queues second(env(), redis(), QueuesOptions());
    co_await number("LPUSH", "q", "x");
    const std::vector<Source> sources(1, Source{"q", 1});
    const Claim claim = co_await holder.claim(sources, 1);
    const std::vector<std::string> held(1, claim.deliveries.at(0).name);
    const std::vector<std::string> ids(1, "i");
    co_await number("ZADD", std::string_view(kLeasesKey), 1, held[0]);  // It has ended.
    const std::vector<Delivery> by_first = co_await first.sweep();
    const std::vector<Delivery> by_second = co_await second.sweep();
    const std::vector<Renewal> renewals = co_await holder.renew(held, ids);

    EXPECT_TRUE(by_first.empty());
    EXPECT_TRUE(by_second.empty());
    EXPECT_THAT(renewals, ::testing::ElementsAre(Renewal::renewed));
    const std::int64_t life_ms = co_await number("PTTL", std::string_view(kSweptKey));
    EXPECT_GT(life_ms, 1000);  // From one sweep to the next.
    EXPECT_LE(life_ms, 1800);  // What is left of a lease that was to be renewed in this moment.

    co_await number("ZADD", std::string_view(kLeasesKey), 1, held[0]);
    co_await text("SET", std::string_view(kSweptKey), 1, "PX", 1000);
    const std::vector<Delivery> found = co_await first.sweep();
    EXPECT_EQ(found.size(), 1U);
  });
}

TEST_F(RedisPauseTest, NobodyTakesOverWhatOthersRun) {
  run(
      [&]() -> awaitable<void> {
        on("wait", {}, waiting);
        scene.open = false;
        WorkerOptions options = quick();
        options.concurrency = 5;
        const std::unique_ptr<Host> one = start_worker(options);
        const std::unique_ptr<Host> other = start_worker(options);
        std::vector<std::string> ids;
        for (int i = 0; i < 10; ++i) {
          std::string id = co_await enqueued(task("wait"));
          ids.push_back(std::move(id));
        }
        const bool running = co_await calls(10);
        EXPECT_TRUE(running);
        for (int i = 0; i < 5; ++i) {
          co_await renewed();  // All is well, before and after.
          co_await pause(options.store.lease * 4 / 3);
        }
        co_await renewed();
        scene.open = true;
        for (std::string& id : ids) {
          const Result result = co_await result_of(std::move(id));
          EXPECT_EQ(result.state, State::success);
        }

        const Counter& swept = metrics().counter("seendr_tasks_swept_total", "");
        const Counter& lost = metrics().counter("seendr_tasks_lost_total", "");
        EXPECT_EQ(swept.Value(), 0);
        EXPECT_EQ(lost.Value(), 0);
        EXPECT_EQ(scene.calls.size(), 10U);
        co_await one->stop();
        co_await other->stop();
        co_await expect_empty();
      },
      30s);
}

}  // namespace
}  // namespace seendr::tasks
