#include "tasks/inspector.hpp"

#include "task_scene.hpp"

namespace seendr::tasks {
namespace {

class InspectorTest : public SceneTest {
 protected:
  InspectorTest() { on("wait", {}, waiting); }

  Inspector inspector{redis()};
};

TEST_F(InspectorTest, ListsWhatWaitsInTheOrderInWhichItIsTaken) {
  run([&]() -> awaitable<void> {
    std::vector<std::string> ids;
    for (const int priority : {9, 0, 0, 3}) {
      Task one = task("add", priority);
      one.priority = priority;
      std::string id = co_await enqueued(std::move(one));
      ids.push_back(std::move(id));
    }
    const std::vector<SeenTask> all = co_await inspector.waiting("celery", 10);
    EXPECT_EQ(all.size(), 4U);
    const std::vector<std::string> wanted{ids[1], ids[2], ids[3], ids[0]};
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(all[i].message->id, wanted[i]);
      EXPECT_EQ(all[i].stage, Stage::waiting);
    }
    const std::vector<SeenTask> three = co_await inspector.waiting("celery", 3);
    EXPECT_EQ(three.size(), 3U);
    EXPECT_EQ(three.back().message->id, ids[3]);
  });
}

TEST_F(InspectorTest, KnowsWhereATaskIs) {
  run([&]() -> awaitable<void> {
    scene.open = false;
    Task later = task("add", 1);
    later.countdown = 60s;
    const std::string delayed = co_await enqueued(std::move(later));
    const auto host = start_worker();
    const std::string running = co_await enqueued(task("wait"));
    const bool begun = co_await calls(1);
    EXPECT_TRUE(begun);
    Task other = task("add", 2);
    other.queue = "other";
    const std::string waits = co_await enqueued(std::move(other));
    const redis::Command junk("LPUSH", "other", "no message");
    co_await redis().exec(junk);

    const std::vector<std::string> queues{"celery", "other"};
    const Sizes sizes = co_await inspector.sizes(queues);
    EXPECT_EQ(sizes.queues.at(0).waiting, 0U);
    EXPECT_EQ(sizes.queues.at(1).waiting, 2U);
    EXPECT_EQ(sizes.running, 1U);
    EXPECT_EQ(sizes.delayed, 1U);
    EXPECT_EQ(sizes.dead, 0U);

    std::optional<SeenTask> found = co_await inspector.find(delayed, queues);
    EXPECT_EQ(found.value().stage, Stage::delayed);
    EXPECT_NEAR(static_cast<double>(found->due_ms - env().clock.wall_ms()), 60'000, 5'000);
    found = co_await inspector.find(running, queues);
    EXPECT_EQ(found.value().stage, Stage::running);
    EXPECT_EQ(found->worker.size(), 24U);
    EXPECT_EQ(found->list, "celery");
    found = co_await inspector.find(waits, queues);
    EXPECT_EQ(found.value().stage, Stage::waiting);
    found = co_await inspector.find("nobody", queues);
    EXPECT_FALSE(found);
    scene.open = true;
    co_await host->stop();
  });
}

TEST_F(InspectorTest, DropsWhatWaitsInAQueueAndNothingElse) {
  run([&]() -> awaitable<void> {
    for (const int priority : {0, 5, 9}) {
      Task one = task("add", priority);
      one.priority = priority;
      co_await enqueued(std::move(one));
    }
    Task other = task("add", 2);
    other.queue = "other";
    co_await enqueued(std::move(other));
    const std::size_t dropped = co_await inspector.purge("celery");
    EXPECT_EQ(dropped, 3U);
    const std::vector<std::string> queues{"celery", "other"};
    const Sizes sizes = co_await inspector.sizes(queues);
    EXPECT_EQ(sizes.queues.at(0).waiting, 0U);
    EXPECT_EQ(sizes.queues.at(1).waiting, 1U);
  });
}

}  // namespace
}  // namespace seendr::tasks
