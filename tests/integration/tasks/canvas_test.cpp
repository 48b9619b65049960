// What follows from a task, as a worker publishes it.
#include "tasks/canvas.hpp"

#include "task_host.hpp"

namespace seendr::tasks {
namespace {

class TaskCanvasWorkerTest : public TasksTest {
 protected:
  // A message whose routing key, by some exchange of a Python application, is not its queue.
  static Message routed(std::string task, std::string id) {
    Message message;
    message.task = std::move(task);
    message.id = std::move(id);
    message.queue = "jobs.any";
    message.delivery_tag = message.id;
    return message;
  }

  // An addition of numbers, as a callback or a step.
  static json::array additions(std::string id) {
    json::object options;
    options["task_id"] = std::move(id);
    json::object step;
    step["task"] = "add";
    step["args"] = json::array({1, 2});
    step["immutable"] = true;
    step["options"] = std::move(options);
    json::array list;
    list.emplace_back(std::move(step));
    return list;
  }
};

TEST_F(TaskCanvasWorkerTest, StepsGoToTheQueueThatAMessageWasTakenFrom) {
  run([&]() -> awaitable<void> {
    Message first = routed("add", "first");
    first.embed["chain"] = additions("second");
    Message low = routed("add", "low");
    low.embed["chain"] = additions("behind low");
    co_await number("LPUSH", "celery", encode(first));
    co_await number("LPUSH", list_key("celery", 2), encode(low));
    const auto host = start_worker();
    for (const char* id : {"second", "behind low"}) {
      const Result result = co_await result_of(id);
      EXPECT_EQ(result.value, json::value(3)) << id;
    }
    co_await host->stop();
    co_await expect_empty("celery");
  });
}

TEST_F(TaskCanvasWorkerTest, ErrbacksOfWhatDeadWorkersHeldDoSo) {
  run([&]() -> awaitable<void> {
    Message lost = routed("add", "lost");
    lost.priority = 6;
    lost.deliveries = 5;
    lost.embed["errbacks"] = additions("told");
    co_await number("LPUSH", list_key("celery", 2), encode(lost));
    QueuesOptions options;
    options.lease = 1ms;
    Queues dead(env(), redis(), options);
    const std::vector<Source> sources(1, Source{"celery", 1});
    const Claim claim = co_await dead.claim(sources, 1);
    EXPECT_EQ(claim.deliveries.size(), 1U);
    const auto host = start_worker();
    const Result result = co_await result_of("told");
    EXPECT_EQ(result.value, json::value(3));
    co_await host->stop();
    co_await expect_empty("celery");
  });
}

TEST_F(TaskCanvasWorkerTest, ATaskThatTooManyStepsWouldFollowHasFailed) {
  run([&]() -> awaitable<void> {
    json::object step;
    step["task"] = "add";
    json::object kwargs;
    kwargs["tasks"] = json::array(10'001, json::value(step));
    json::object group;
    group["task"] = "celery.group";
    group["subtask_type"] = "group";
    group["kwargs"] = std::move(kwargs);
    Message first = routed("add", "first");
    first.embed["errbacks"] = additions("told");
    first.embed["callbacks"] = additions("not told");
    first.embed["chain"] = additions("behind");
    first.embed["chain"].get_array().emplace_back(std::move(group));
    co_await number("LPUSH", "celery", encode(first));
    const auto host = start_worker();
    for (const char* id : {"first", "behind"}) {
      const Result result = co_await result_of(id);
      EXPECT_EQ(result.state, State::failure) << id;
      EXPECT_EQ(result.failure->text(), "OverflowError: too many steps, or too large") << id;
    }
    const Result told = co_await result_of("told");
    EXPECT_EQ(told.value, json::value(3));
    const std::int64_t letters = co_await number("ZCARD", std::string_view(kDeadKey));
    EXPECT_EQ(letters, 1);
    co_await host->stop();
    co_await expect_empty("celery");
    const std::int64_t not_told = co_await number("EXISTS", result_key("not told"));
    EXPECT_EQ(not_told, 0);
  });
}

}  // namespace
}  // namespace seendr::tasks
