// What a dead worker of Celery's held, and what such a worker can see of ours.
#include "tasks/unacked.hpp"

#include "task_host.hpp"

namespace seendr::tasks {
namespace {

class UnackedTest : public TasksTest {
 protected:
  Message message_for(std::string queue, int priority = 0) {
    Message message;
    message.id = make_uuid(env().random);
    message.task = "add";
    message.args = {1, 2};
    message.queue = std::move(queue);
    message.priority = priority;
    message.delivery_tag = make_uuid(env().random);
    message.reply_to = make_uuid(env().random);
    return message;
  }

  // As kombu notes what it takes.
  awaitable<void> noted(Message message, double age_s) {
    const std::string text = "[" + encode(message) + ", \"\", \"" + message.queue + "\"]";
    co_await noted_as(message.delivery_tag, std::move(text), age_s);
  }
  awaitable<void> noted_as(std::string tag, std::string text, double age_s) {
    if (!text.empty()) co_await number("HSET", "unacked", tag, text);
    const double taken = static_cast<double>(env().clock.wall_ms()) / 1000 - age_s;
    co_await number("ZADD", "unacked_index", std::to_string(taken), tag);
  }

  static WorkerOptions shared() {
    WorkerOptions options = quick();
    options.store.visibility = 1h;
    return options;
  }

  Unacked unacked{redis(), 60s, {"celery", "other"}};
};

TEST_F(UnackedTest, GivesBackWhatIsTooOldInOurQueues) {
  run([&]() -> awaitable<void> {
    const Message old = message_for("celery");
    const Message low = message_for("other", 6);
    co_await noted(old, 61);
    co_await noted(low, 70);
    co_await noted(message_for("celery"), 50);
    co_await noted(message_for("theirs"), 61);
    const std::size_t count = co_await unacked.restore();
    EXPECT_EQ(count, 2U);
    const std::int64_t left = co_await number("HLEN", "unacked");
    EXPECT_EQ(left, 2);
    const std::int64_t indexed = co_await number("ZCARD", "unacked_index");
    EXPECT_EQ(indexed, 2);
    const std::string back = co_await text("LINDEX", "celery", 0);
    const result<Message> message = decode(back);
    EXPECT_EQ(message->id, old.id);
    EXPECT_EQ(message->args, old.args);
    EXPECT_TRUE(message->headers.at("redelivered").as_bool());
    EXPECT_EQ(message->deliveries, 0) << "it may be alive, and slow";
    const std::int64_t in_step = co_await number("LLEN", list_key("other", 2));
    EXPECT_EQ(in_step, 1);
    const std::size_t again = co_await unacked.restore();
    EXPECT_EQ(again, 0U);
  });
}

TEST_F(UnackedTest, ServesTheOldestFirst) {
  run([&]() -> awaitable<void> {
    const Message first = message_for("celery");
    const Message second = message_for("celery");
    co_await noted(second, 61);
    co_await noted(first, 62);
    co_await unacked.restore();
    const std::string taken = co_await text("RPOP", "celery");
    EXPECT_EQ(decode(taken)->id, first.id);
  });
}

TEST_F(UnackedTest, LeavesWhatItCannotReadAndClearsWhatIsNotThere) {
  run([&]() -> awaitable<void> {
    for (const char* junk : {"junk", "[]", "[1, 2, 3]", "{}", "[{}, \"\", null]"}) {
      co_await noted_as(junk, junk, 61);
    }
    co_await noted_as("gone", "", 61);
    const std::size_t count = co_await unacked.restore();
    EXPECT_EQ(count, 0U);
    const std::int64_t left = co_await number("HLEN", "unacked");
    EXPECT_EQ(left, 5);
    const std::int64_t indexed = co_await number("ZCARD", "unacked_index");
    EXPECT_EQ(indexed, 5);
  });
}

TEST_F(UnackedTest, AWorkerNotesWhatItHoldsUntilItIsSettled) {
  registry.on("wait", {}, [](TaskContext& task) -> awaitable<json::value> {
    while (!task.cancelled()) co_await sleep_for(1ms);
    throw std::runtime_error("cancelled");
  });
  run([&]() -> awaitable<void> {
    const auto host = start_worker(shared());
    const std::string id = co_await enqueued(task("wait"));
    const bool held = co_await counts("ZCARD", "unacked_index", 1);
    EXPECT_TRUE(held);
    const redis::Command all("HVALS", "unacked");
    const redis::Reply notes = co_await redis().exec(all);
    const json::value note = json::parse(notes.as_array().at(0).text());
    EXPECT_EQ(note.at(0).at("headers").at("id").as_string(), id);
    EXPECT_EQ(note.at(1).as_string(), "");
    EXPECT_EQ(note.at(2).as_string(), "celery");

    // The time is renewed while it is held.
    const redis::Command index("ZRANGE", "unacked_index", 0, 0, "WITHSCORES");
    const redis::Reply first = co_await redis().exec(index);
    redis::Reply later = co_await redis().exec(index);
    for (int i = 0; i < 2000 && later.as_array()[1].text() == first.as_array()[1].text(); ++i) {
      co_await sleep_for(2ms);
      later = co_await redis().exec(index);
    }
    EXPECT_NE(later.as_array()[1].text(), first.as_array()[1].text());

    co_await client.revoke(id);
    const bool settled = co_await counts("ZCARD", "unacked_index", 0);
    EXPECT_TRUE(settled);
    co_await host->stop();
    for (const char* key : {"unacked", "seendr:tasks:mirrored"}) {
      const std::int64_t there = co_await number("EXISTS", key);
      EXPECT_EQ(there, 0) << key;
    }
  });
}

TEST_F(UnackedTest, WhatCeleryRestoredIsForgottenAndWhatItDidNotIsRunAgain) {
  run([&]() -> awaitable<void> {
    QueuesOptions options;
    options.lease = 50ms;
    options.visibility = 1h;
    Queues dead(env(), redis(), options);
    Queues other(env(), redis(), options);
    const std::string restored = co_await enqueued(task("add", 1));
    const std::string kept = co_await enqueued(task("add", 2));
    const std::vector<Source> sources(1, Source{"celery", 2});
    const Claim claim = co_await dead.claim(sources, 2);
    EXPECT_EQ(claim.deliveries.size(), 2U);
    co_await number("HDEL", "unacked", claim.deliveries.at(0).name);  // As Celery does.
    co_await number("ZREM", "unacked_index", claim.deliveries.at(0).name);
    std::vector<Delivery> found;
    for (int i = 0; i < 2000 && found.empty(); ++i) {
      found = co_await other.sweep();
      co_await sleep_for(2ms);
    }
    EXPECT_EQ(found.size(), 1U);
    EXPECT_EQ(decode(found.at(0).envelope)->id, kept);
    const std::int64_t held = co_await number("HLEN", std::string_view(kHeldKey));
    EXPECT_EQ(held, 1);
    const std::int64_t noted = co_await number("HLEN", "unacked");
    EXPECT_EQ(noted, 0);
  });
}

TEST_F(UnackedTest, AWorkerThatSharesNothingNotesNothing) {
  run([&]() -> awaitable<void> {
    Queues queues(env(), redis(), {});
    co_await enqueued(task("add", 1));
    const std::vector<Source> sources(1, Source{"celery", 2});
    const Claim claim = co_await queues.claim(sources, 2);
    EXPECT_EQ(claim.deliveries.size(), 1U);
    const std::int64_t noted = co_await number("EXISTS", "unacked");
    EXPECT_EQ(noted, 0);
  });
}

}  // namespace
}  // namespace seendr::tasks
