// Ends of tasks that Redis refuses, however often it is asked.
#include "tasks/message_format.hpp"

#include "task_host.hpp"

namespace seendr::tasks {
namespace {

class WorkerEndsTest : public TasksTest {
 protected:
  // A part of a chord of two that nobody can join: what its parts leave is of no use.
  static Message part_of_a_spoilt_chord(std::string id) {
    Message part = message_of("add", std::move(id));
    json::object body;
    body["task"] = "add";
    part.embed["chord"] = std::move(body);
    part.headers["group"] = "spoilt";
    part.headers["group_index"] = 0;
    return part;
  }

  static Message message_of(std::string name, std::string id) {
    Message message;
    message.task = std::move(name);
    message.id = std::move(id);
    message.queue = "celery";
    message.delivery_tag = "tag";
    return message;
  }

  awaitable<void> spoil() { co_await text("SET", chord_key("spoilt", ".j"), "no part"); }

  awaitable<void> hold(std::string delivery, const Message& message, int lease_ended_ms) {
    const std::string record = "celery\n" + encode(message);
    co_await number("HSET", std::string_view(kHeldKey), delivery, record);
    co_await number("ZADD", std::string_view(kLeasesKey), lease_ended_ms, delivery);
  }
};

TEST_F(WorkerEndsTest, ATaskWhoseEndIsRefusedIsADeadLetterAndItsRoomIsFree) {
  run([&]() -> awaitable<void> {
    WorkerOptions options = quick();
    options.concurrency = 1;
    const std::unique_ptr<Host> host = start_worker(options);
    co_await spoil();
    co_await number("LPUSH", "celery", encode(part_of_a_spoilt_chord("part")));
    const Result refused = co_await result_of("part");
    const Result other = co_await done(task("add", 3));

    EXPECT_EQ(refused.state, State::failure);
    EXPECT_EQ(refused.failure ? refused.failure->type : "", "BackendStoreError");
    EXPECT_EQ(other.value, json::value(3));
    const std::int64_t buried = co_await number("HLEN", std::string_view(kBuriedKey));
    EXPECT_EQ(buried, 1);
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerEndsTest, AnEndThatIsRefusedKeepsNobodyFromHealingOthers) {
  run([&]() -> awaitable<void> {
    co_await spoil();
    Message part = part_of_a_spoilt_chord("part");
    part.deliveries = 5;  // Too many workers were lost with it.
    co_await hold("dead.0", message_of("add", "other"), 1);
    co_await hold("dead.1", part, 2);
    const std::unique_ptr<Host> host = start_worker();
    const Result other = co_await result_of("other");
    const Result refused = co_await result_of("part");

    EXPECT_EQ(other.state, State::success);
    EXPECT_EQ(refused.failure ? refused.failure->type : "", "BackendStoreError");
    const bool buried = co_await counts("HLEN", kBuriedKey, 1);
    EXPECT_TRUE(buried);
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerEndsTest, ATaskWhoseNextStepNoListTakesIsADeadLetterAndNotLost) {
  run([&]() -> awaitable<void> {
    const std::unique_ptr<Host> host = start_worker();
    co_await text("SET", "spoilt queue", "no list");
    Message first = message_of("add", "first");
    json::object options;
    options["queue"] = "spoilt queue";
    json::object step;
    step["task"] = "add";
    step["options"] = std::move(options);
    json::array chain;
    chain.push_back(std::move(step));
    first.embed["chain"] = std::move(chain);
    co_await number("LPUSH", "celery", encode(first));
    const Result refused = co_await result_of("first");

    EXPECT_EQ(refused.failure ? refused.failure->type : "", "BackendStoreError");
    const bool buried = co_await counts("HLEN", kBuriedKey, 1);
    EXPECT_TRUE(buried);
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerEndsTest, ATaskWhoseBurialIsRefusedTooKeepsNoRoom) {
  run([&]() -> awaitable<void> {
    WorkerOptions options = quick();
    options.concurrency = 1;
    const std::unique_ptr<Host> host = start_worker(options);
    co_await done(task("add", 1));  // From here on Redis knows the scripts.
    // Results may be written of tasks whose id begins with b, and of no other.
    const redis::Command narrow("ACL", "SETUSER", "default", "resetkeys", "~seendr:*", "~celery",
                                "~celery\x06*", "~celery-task-meta-b*", "~unacked*");
    const redis::Command widen("ACL", "SETUSER", "default", "allkeys");
    co_await redis().exec(narrow);
    Task refused = task("add", 2);
    refused.id = "a task";
    Task other = task("add", 3);
    other.id = "b task";
    std::string first = co_await enqueued(std::move(refused));
    const Result second = co_await done(std::move(other));
    co_await redis().exec(widen);
    const Result late = co_await result_of(std::move(first));

    EXPECT_EQ(second.value, json::value(3));
    EXPECT_TRUE(is_final(late.state));
    co_await host->stop();
  });
}

TEST_F(WorkerEndsTest, APartJoinsAListOfACeleryThatKeepsNoOrder) {
  run([&]() -> awaitable<void> {
    Queues queues(env(), redis(), QueuesOptions());
    const std::string parts = chord_key("unordered", ".j");
    co_await text("SET", chord_key("unordered", ".s"), "2");
    co_await number("RPUSH", parts, R"([1,"python's","SUCCESS",1])");
    co_await number("RPUSH", parts, R"([1,"ours","SUCCESS","before"])");
    const std::vector<std::string> all =
        co_await queues.join("unordered", "0", R"([1,"ours","SUCCESS",2])");

    EXPECT_THAT(
        all, ::testing::ElementsAre(R"([1,"python's","SUCCESS",1])", R"([1,"ours","SUCCESS",2])"));
  });
}

}  // namespace
}  // namespace seendr::tasks
