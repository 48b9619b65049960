// Redis is killed and comes back with what it had written: no task is lost, and work goes on.
#include <set>

#include "task_host.hpp"

namespace seendr::tasks {
namespace {

class RedisLossTest : public TasksTest {
 protected:
  RedisLossTest() : durable(test::RedisServer::Options{.durable = true, .arguments = {}}) {
    registry.on("note", {}, [this](TaskContext& task) { return note(task, notes); });
  }

  redis::Client& durable_client() {
    return another_client([this](redis::ClientOptions& options) {
      options.url = durable.url();
      options.backoff = BackoffOptions{5ms, 50ms};
    });
  }

  static awaitable<json::value> note(TaskContext& task, std::set<std::int64_t>& notes) {
    co_await sleep_for(1ms);
    notes.insert(task.args().at(0).as_int64());
    co_return nullptr;
  }

  // As somebody does who must be sure: again with the same id until it is accepted.
  awaitable<void> enqueue_surely(Client& sender, std::int64_t number) {
    Task one = task("note", number);
    one.id = "task-" + std::to_string(number);
    for (;;) {
      const result<std::string> id = co_await sender.enqueue(one);
      if (id) co_return;
      EXPECT_EQ(id.error(), Errc::unavailable);
    }
  }

  test::RedisServer durable;
  std::set<std::int64_t> notes;
};

TEST_F(RedisLossTest, NoTaskIsLostWhenRedisIsKilled) {
  static constexpr std::int64_t kTasks = 600;
  static constexpr std::int64_t kKills = 3;
  redis::Client& commands = durable_client();
  redis::Client& watching = durable_client();
  run(
      [&]() -> awaitable<void> {
        Client sender(env(), commands);
        Host host(env(), commands, watching, registry, quick());
        for (std::int64_t i = 0; i < kTasks; ++i) {
          co_await enqueue_surely(sender, i);
          if (i % (kTasks / kKills) == kTasks / kKills / 2) durable.restart();
        }
        const std::function<bool()> all = [this] {
          return notes.size() >= kTasks;
        };
        const bool done = co_await test::becomes(all, 30s);
        std::int64_t held = -1;
        for (int i = 0; i < 5000 && held != 0; ++i) {
          const redis::Command count("ZCARD", std::string_view(kLeasesKey));
          const redis::Reply reply = co_await commands.exec(count);
          held = reply.as_int();
          co_await sleep_for(2ms);
        }

        EXPECT_TRUE(done);
        EXPECT_EQ(notes.size(), static_cast<std::size_t>(kTasks));
        EXPECT_EQ(held, 0);
        EXPECT_GT(commands.connections(), 1U);
        co_await host.stop();
      },
      90s);
}

}  // namespace
}  // namespace seendr::tasks
