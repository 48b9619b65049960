#include "tasks/dead_letters.hpp"

#include "task_host.hpp"

namespace seendr::tasks {
namespace {

class DeadLettersTest : public TasksTest {
 protected:
  DeadLettersTest() : letters(redis()) {
    registry.on("moody", {}, [this](TaskContext& task) { return moody(task, good); });
  }

  static awaitable<json::value> moody(TaskContext& task, bool& good) {
    if (!good) throw TaskError("ValueError", task.args());
    co_return "done";
  }

  // Runs it, and waits for its letter.
  awaitable<std::string> buried(Task one, std::size_t nth) {
    std::string id = co_await enqueued(std::move(one));
    const bool there = co_await counts("HLEN", kBuriedKey, static_cast<std::int64_t>(nth));
    EXPECT_TRUE(there);
    co_return id;
  }

  DeadLetters letters;
  bool good = false;
};

TEST_F(DeadLettersTest, ALetterSaysWhatHappened) {
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const std::string id = co_await buried(task("moody", "two\nlines"), 1);
    const std::vector<DeadLetter> all = co_await letters.list(10);
    const std::optional<DeadLetter> shown = co_await letters.show(all.at(0).name);

    EXPECT_EQ(all.size(), 1U);
    EXPECT_TRUE(shown);
    EXPECT_EQ(shown->reason, "failed");
    EXPECT_EQ(shown->exception, "ValueError: two\nlines");
    EXPECT_EQ(shown->task, "moody");
    EXPECT_EQ(shown->id, id);
    EXPECT_EQ(shown->list, "celery");
    EXPECT_LE(std::abs(shown->buried_ms - env().clock.wall_ms()), 5000);
    const result<Message> message = decode(shown->envelope);
    EXPECT_EQ(message->id, id);
    co_await host->stop();
  });
}

TEST_F(DeadLettersTest, TheNewestAreListedFirstPageByPage) {
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    std::vector<std::string> ids;
    for (std::size_t i = 1; i <= 3; ++i) {
      std::string id = co_await buried(task("moody"), i);
      ids.push_back(std::move(id));
      co_await sleep_for(2ms);  // Letters of one millisecond have no order.
    }
    const std::vector<DeadLetter> first = co_await letters.list(2);
    const std::vector<DeadLetter> second = co_await letters.list(2, 2);
    const std::size_t count = co_await letters.count();

    EXPECT_EQ(first.size(), 2U);
    EXPECT_EQ(first.at(0).id, ids[2]);
    EXPECT_EQ(first.at(1).id, ids[1]);
    EXPECT_EQ(second.size(), 1U);
    EXPECT_EQ(second.at(0).id, ids[0]);
    EXPECT_EQ(count, 3U);
    co_await host->stop();
  });
}

TEST_F(DeadLettersTest, AReplayedTaskRunsAsIfItWereNew) {
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    const std::string id = co_await buried(task("moody"), 1);
    const std::vector<DeadLetter> all = co_await letters.list(1);
    good = true;
    const bool replayed = co_await letters.replay(all.at(0).name);
    const bool twice = co_await letters.replay(all.at(0).name);
    bool succeeded = false;
    for (int i = 0; i < 2500 && !succeeded; ++i) {
      const result<Result> seen = co_await client.look(id);
      succeeded = seen && seen->state == State::success;
      co_await sleep_for(2ms);
    }

    EXPECT_TRUE(replayed);
    EXPECT_FALSE(twice);
    EXPECT_TRUE(succeeded);
    const std::size_t left = co_await letters.count();
    EXPECT_EQ(left, 0U);
    co_await host->stop();
    co_await expect_empty();
  });
}

TEST_F(DeadLettersTest, LettersAreDiscardedOneByOneOrAllAtOnce) {
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    for (std::size_t i = 1; i <= 3; ++i) {
      co_await buried(task("moody"), i);
    }
    const std::vector<DeadLetter> all = co_await letters.list(10);
    const bool discarded = co_await letters.discard(all.at(1).name);
    const bool twice = co_await letters.discard(all.at(1).name);
    const std::optional<DeadLetter> gone = co_await letters.show(all.at(1).name);
    const std::size_t purged = co_await letters.purge();
    const std::vector<DeadLetter> none = co_await letters.list(10);

    EXPECT_TRUE(discarded);
    EXPECT_FALSE(twice);
    EXPECT_FALSE(gone);
    EXPECT_EQ(purged, 2U);
    EXPECT_TRUE(none.empty());
    const std::int64_t waiting = co_await number("LLEN", "celery");
    EXPECT_EQ(waiting, 0);
    co_await host->stop();
  });
}

}  // namespace
}  // namespace seendr::tasks
