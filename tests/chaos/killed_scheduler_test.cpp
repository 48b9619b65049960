// kill -9 of two schedulers in turn, by the clock of the machine: every instant of every entry is
// enqueued, and once.
#include <cstdio>

#include "integration/tasks/forked_process.hpp"
#include "integration/tasks/scheduler_stage.hpp"

namespace seendr::tasks {
namespace {

using namespace std::chrono_literals;

constexpr int kEntries = 10;  // Each runs every second.
constexpr std::int64_t kFirings = 300;
constexpr int kLeastKills = 4;

class KilledSchedulerTest : public SchedulerStage {
 protected:
  static std::vector<Entry> entries() {
    std::vector<Entry> all;
    for (int i = 0; i < kEntries; ++i) all.push_back(every(1s, "entry " + std::to_string(i)));
    return all;
  }

  std::unique_ptr<ForkedProcess> start_process() {
    return std::make_unique<ForkedProcess>(
        server().url(),
        [](const Env& env, redis::Client& redis, TaskGroup& loops, net::io_context& io) {
          Scheduler scheduler(env, redis, entries());
          loops.spawn("scheduler", scheduler.run());
          io.run();
        });
  }

  awaitable<std::string> leader() {
    const redis::Command get("HGET", "seendr:tasks:schedule:leader", "owner");
    const redis::Reply reply = co_await redis().exec(get);
    co_return reply.is_nil() ? std::string() : reply.text();
  }
};

TEST_F(KilledSchedulerTest, EveryInstantIsEnqueuedOnce) {
  int kills = 0;
  run(
      [&]() -> awaitable<void> {
        std::unique_ptr<ForkedProcess> elected = start_process();
        std::string owner;
        while (owner.empty()) owner = co_await leader();
        std::unique_ptr<ForkedProcess> other = start_process();
        std::int64_t count = 0;
        while (count < kFirings || kills < kLeastKills) {
          // Kills the elected one at any moment of its second.
          const std::int64_t wanted = count + kEntries;
          while (count < wanted) {
            count = co_await waiting();
          }
          co_await sleep_for(Millis(static_cast<std::int64_t>(env().random.below(1000))));
          elected->kill9();
          ++kills;
          const std::string dead = owner;
          while (owner == dead) {
            owner = co_await leader();
          }
          elected = std::move(other);
          other = start_process();
        }
        elected->kill9();
        other->kill9();
      },
      120s);
  run([&]() -> awaitable<void> {
    const std::vector<Message> messages = co_await take();
    std::printf("%zu firings, %d kills\n", messages.size(), kills);
    for (const Entry& entry : entries()) {
      const std::vector<Instant> all = instants(messages, entry.name);
      EXPECT_GE(all.size(), static_cast<std::size_t>(kFirings / kEntries));
      for (std::size_t i = 1; i < all.size(); ++i) {
        EXPECT_EQ(all[i] - all[i - 1], 1s) << entry.name << ", " << i;
      }
    }
  });
}

}  // namespace
}  // namespace seendr::tasks
