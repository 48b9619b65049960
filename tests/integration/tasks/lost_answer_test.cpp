// Answers of Redis that a worker does not hear.
#include "support/redis_gate.hpp"

#include "task_host.hpp"

namespace seendr::tasks {
namespace {

class LostAnswerTest : public TasksTest {
 protected:
  LostAnswerTest() : gate(server().directory() / "tasks-gate", server().url().path) {}

  redis::Client& client_of_gate() {
    return another_client([this](redis::ClientOptions& options) {
      options.url.path = redis::parse_url(gate.url())->path;
      options.backoff = BackoffOptions{1ms, 2ms};
    });
  }

  test::RedisGate gate;
};

TEST_F(LostAnswerTest, ASettlementThatHappenedIsNoLoss) {
  redis::Client& commands = client_of_gate();
  run(
      [&]() -> awaitable<void> {
        WorkerOptions options;
        options.store.lease = 90ms;  // Renewals come while the settlement is repeated.
        Host host(env(), commands, another_client(), registry, options);
        const Counter& lost = metrics().counter("seendr_tasks_lost_total", "");
        const Counter& settled =
            metrics().counter("seendr_tasks_settled_total", "", {{"outcome", "acknowledged"}});
        co_await done(task("add", 1));  // From here on Redis knows the scripts.

        for (int i = 1; i <= 10; ++i) {
          Task one = task("add", i);
          one.id = "task-" + std::to_string(i);
          gate.lose_answer(done_key(one.id));  // Which only a settlement names.
          const Result result = co_await done(std::move(one));
          const std::function<bool()> ended = [&] {
            return gate.lost() == i && host.worker.held() == 0;
          };
          const bool well = co_await test::becomes(ended, 5s);
          EXPECT_TRUE(well) << i;
          EXPECT_EQ(result.value, json::value(i));
        }

        EXPECT_EQ(lost.Value(), 0);
        EXPECT_EQ(settled.Value(), 11);
        co_await host.stop();
        co_await expect_empty();
      },
      60s);
}

}  // namespace
}  // namespace seendr::tasks
