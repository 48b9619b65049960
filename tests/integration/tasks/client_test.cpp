#include "tasks/client.hpp"

#include "task_host.hpp"

namespace seendr::tasks {
namespace {

class TaskClientTest : public TasksTest {
 protected:
  awaitable<error_code> refusal(Task one) {
    const result<std::string> id = co_await client.enqueue(std::move(one));
    co_return id ? error_code() : id.error();
  }

  awaitable<Message> queued(std::string list) {
    const std::string item = co_await text("RPOP", list);
    const result<Message> message = decode(item);
    EXPECT_TRUE(message) << item;
    co_return message ? *message : Message();
  }
};

TEST_F(TaskClientTest, ATaskIsOneMessageInTheListOfItsPriority) {
  run([&]() -> awaitable<void> {
    Task one = task("add", 1, 2);
    one.kwargs["y"] = 3;
    one.queue = "q";
    one.priority = 7;
    one.time_limit = 1500ms;
    one.expires = 60s;
    const std::string id = co_await enqueued(std::move(one));
    const Message message = co_await queued(list_key("q", 2));

    EXPECT_EQ(message.id, id);
    EXPECT_EQ(message.task, "add");
    EXPECT_EQ(message.args.size(), 2U);
    EXPECT_EQ(message.kwargs.at("y"), 3);
    EXPECT_EQ(message.queue, "q");
    EXPECT_EQ(message.priority, 7);
    EXPECT_EQ(message.time_limit_s, 1.5);
    EXPECT_TRUE(message.expires);
    EXPECT_FALSE(message.eta);
    co_await expect_empty("q");
  });
}

TEST_F(TaskClientTest, ADelayedTaskWaitsInTheTimers) {
  run([&]() -> awaitable<void> {
    Task one = task("add", 1);
    one.countdown = 60s;
    co_await enqueued(std::move(one));

    const std::int64_t queue = co_await number("LLEN", "celery");
    const std::int64_t timers = co_await number("ZCARD", std::string_view(kTimersKey));
    const std::int64_t timed = co_await number("HLEN", std::string_view(kTimedKey));
    EXPECT_EQ(queue, 0);
    EXPECT_EQ(timers, 1);
    EXPECT_EQ(timed, 1);
  });
}

TEST_F(TaskClientTest, ForPythonsWorkersADelayedTaskGoesToTheQueue) {
  run([&]() -> awaitable<void> {
    ClientOptions options;
    options.timers = false;
    Client plain(env(), redis(), options);
    Task one = task("add", 1);
    one.countdown = 60s;
    co_await plain.enqueue(std::move(one));

    const Message message = co_await queued("celery");
    EXPECT_TRUE(message.eta);
  });
}

TEST_F(TaskClientTest, AUniqueTaskIsEnqueuedOnceInItsWindow) {
  run([&]() -> awaitable<void> {
    Task one = task("add", 1);
    one.unique = "the report of today";
    one.unique_window = 50ms;
    const error_code first = co_await refusal(one);
    const error_code second = co_await refusal(one);
    const std::int64_t waiting = co_await number("LLEN", "celery");
    co_await sleep_for(60ms);
    const error_code third = co_await refusal(one);

    EXPECT_FALSE(first);
    EXPECT_EQ(second, Errc::duplicate);
    EXPECT_EQ(waiting, 1);
    EXPECT_FALSE(third);
  });
}

TEST_F(TaskClientTest, AFullQueueRefusesAndTakesNoUniqueKey) {
  run([&]() -> awaitable<void> {
    ClientOptions options;
    options.queue_limit = 2;
    Client narrow(env(), redis(), options);
    for (int i = 0; i < 2; ++i) {
      const result<std::string> id = co_await narrow.enqueue(task("add", i));
      EXPECT_TRUE(id);
    }
    Task more = task("add", 3);
    more.unique = "u";
    const result<std::string> refused = co_await narrow.enqueue(more);
    more.countdown = 60s;
    const result<std::string> delayed = co_await narrow.enqueue(more);

    EXPECT_EQ(refused.error(), Errc::overloaded);
    EXPECT_TRUE(delayed);
  });
}

TEST_F(TaskClientTest, WhatNoWorkerWouldReadIsNotEnqueued) {
  run([&]() -> awaitable<void> {
    const std::string text(kMaxBody, 'x');
    const result<std::string> refused = co_await client.enqueue(task("add", text));
    const std::int64_t waiting = co_await number("LLEN", "celery");

    EXPECT_EQ(refused.error(), Errc::too_large);
    EXPECT_EQ(waiting, 0);
  });
}

TEST_F(TaskClientTest, ItSaysWhenRedisIsAway) {
  redis::Client& away = another_client([](redis::ClientOptions& options) {
    options.url.path += ".gone";
    options.command_timeout = 50ms;
  });
  Client lost(env(), away);
  run([&]() -> awaitable<void> {
    const result<std::string> id = co_await lost.enqueue(task("add", 1));
    const result<Result> seen = co_await lost.look("i");
    const result<Result> awaited = co_await lost.await_result("i", 50ms);
    const result<void> revoked = co_await lost.revoke("i");

    EXPECT_EQ(id.error(), Errc::unavailable);
    EXPECT_EQ(seen.error(), Errc::unavailable);
    EXPECT_EQ(awaited.error(), Errc::unavailable);
    EXPECT_EQ(revoked.error(), Errc::unavailable);
  });
}

TEST_F(TaskClientTest, AResultThatDoesNotComeIsNotFinished) {
  run([&]() -> awaitable<void> {
    const auto start = std::chrono::steady_clock::now();
    const result<Result> none = co_await client.await_result("nobody", 50ms);
    const result<Result> pending = co_await client.look("nobody");

    EXPECT_EQ(none.error(), Errc::not_finished);
    EXPECT_GE(std::chrono::steady_clock::now() - start, 50ms);
    EXPECT_EQ(pending->state, State::pending);
    EXPECT_EQ(pending->task_id, "nobody");
  });
}

TEST_F(TaskClientTest, ResultsThatArriveInAnyOrderReachWhoeverWaits) {
  run([&]() -> awaitable<void> {
    std::optional<Result> first;
    std::optional<Result> second;
    std::optional<Result> other;
    test::start(io(), result_of("a"), first);
    test::start(io(), result_of("a"), second);
    test::start(io(), result_of("b"), other);
    const std::vector<std::string> order({"b", "a"});
    for (const std::string& id : order) {
      Result result;
      result.task_id = id;
      result.state = State::success;
      result.value = id;
      const std::string stored = encode(result);
      co_await text("SET", result_key(id), stored);
      co_await number("PUBLISH", result_key(id), stored);
    }
    const std::function<bool()> all = [&] {
      return first && second && other;
    };
    const bool came = co_await test::becomes(all, 5s);

    EXPECT_TRUE(came);
    EXPECT_EQ(first->value, json::value("a"));
    EXPECT_EQ(second->value, json::value("a"));
    EXPECT_EQ(other->value, json::value("b"));
  });
}

TEST_F(TaskClientTest, NobodyWaitsBeyondTheLimitOfThoseWhoWait) {
  run([&]() -> awaitable<void> {
    ClientOptions options;
    options.max_waiting = 0;
    Client narrow(env(), redis(), options);
    const result<Result> refused = co_await narrow.await_result("i", 5s);

    EXPECT_EQ(refused.error(), Errc::overloaded);
  });
}

}  // namespace
}  // namespace seendr::tasks
