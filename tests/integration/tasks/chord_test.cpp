// Chords of Celery's that are completed in a worker.
#include "support/redis_gate.hpp"
#include "tasks/json_text.hpp"

#include "task_host.hpp"

namespace seendr::tasks {
namespace {

class ChordTest : public TasksTest {
 protected:
  ChordTest() : gate(server().directory() / "chord-gate", server().url().path) {
    registry.on("sum", {}, [](TaskContext& task) -> awaitable<json::value> {
      std::int64_t sum = 0;
      for (const json::value& one : task.args().at(0).as_array()) sum += one.as_int64();
      co_return sum;
    });
    registry.on("after the loss", {},
                [this](TaskContext& task) { return after_loss(task, *this); });
  }

  redis::Client& client_of_gate() {
    return another_client([this](redis::ClientOptions& options) {
      options.url.path = redis::parse_url(gate.url())->path;
      options.backoff = BackoffOptions{1ms, 2ms};
    });
  }

  // Ends when the answer to another part was lost; then the answer to its joining is lost, too.
  static awaitable<json::value> after_loss(TaskContext& task, ChordTest& test) {
    const std::function<bool()> lost = [&test] {
      return test.gate.lost() % 2 == 1;
    };
    const bool well = co_await test::becomes(lost, 5s);
    EXPECT_TRUE(well);
    test.gate.lose_answer("[1,\"" + task.id() + "\"");
    co_return 1;
  }

  // Sends a part of a chord whose body is sum().
  awaitable<void> send_part(std::string task, std::string id, std::string group, int index) {
    Message part;
    part.task = std::move(task);
    part.id = std::move(id);
    part.args = json::array(1, index);
    part.queue = "celery";
    part.delivery_tag = part.id;
    part.headers["group"] = group;
    part.headers["group_index"] = index;
    json::object options;
    options["task_id"] = "body of " + group;
    json::object body;
    body["task"] = "sum";
    body["options"] = std::move(options);
    part.embed["chord"] = std::move(body);
    co_await number("LPUSH", part.queue, encode(part));
  }

  test::RedisGate gate;
};

TEST_F(ChordTest, ItsBodyRunsAlthoughTheConnectionBreaksWhileItsPartsEnd) {
  redis::Client& commands = client_of_gate();
  run(
      [&]() -> awaitable<void> {
        Host host(env(), commands, another_client(), registry, quick());
        co_await done(task("add", 1));  // From here on Redis knows the scripts.
        for (int i = 0; i < 20 && !HasFailure(); ++i) {
          const std::string group = "group-" + std::to_string(i);
          gate.lose_answer(done_key("first of " + group));  // Which only its settlement names.
          co_await text("SET", chord_key(group, ".s"), 2);
          co_await send_part("after the loss", "second of " + group, group, 1);
          co_await send_part("add", "first of " + group, group, 0);
          const Result result = co_await result_of("body of " + group);
          EXPECT_EQ(result.value, json::value(1)) << i;
          const std::function<bool()> ended = [&] {
            return gate.lost() == 2 * i + 2 && host.worker.held() == 0;
          };
          const bool well = co_await test::becomes(ended, 5s);
          EXPECT_TRUE(well) << i;
        }
        co_await host.stop();
        co_await expect_empty();
      },
      90s);
}

}  // namespace
}  // namespace seendr::tasks
