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
