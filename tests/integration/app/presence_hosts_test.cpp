// Who is there, counted over all processes: each says how many it has, and counts for half a minute
// after it said so last.
#include "app/presence.hpp"
#include "support/redis_test.hpp"

namespace seendr::app {
namespace {

using namespace std::chrono_literals;

class PresenceHostsTest : public test::RedisTest {
 protected:
  awaitable<void> says(std::string host, Millis ago, int people) {
    const std::int64_t when = env().clock.wall_ms() - ago.count();
    redis::Command set("HSET", "seendr:app:hosts", host,
                       std::to_string(when) + "|" + std::to_string(people));
    co_await redis().exec(std::move(set));
  }

  awaitable<std::vector<std::string>> hosts() {
    const redis::Command keys("HKEYS", "seendr:app:hosts");
    const redis::Reply reply = co_await redis().exec(keys);
    std::vector<std::string> names;
    for (const redis::Reply& name : reply.as_array()) names.push_back(name.text());
    std::sort(names.begin(), names.end());
    co_return names;
  }

  // What a process with one person in it has counted, with its first look.
  awaitable<std::size_t> online() {
    PresenceBoard board;
    const auto look = [] {
      PresenceKeeper::Local local;
      local.online = 1;
      return local;
    };
    PresenceKeeper keeper(env(), redis(), "here", look, board);
    TaskGroup tasks(io().get_executor(), [](const std::string&, std::exception_ptr) {});
    tasks.spawn("keeper", keeper.run());
    const auto counted = [&board] {
      return board.view()->online > 0;
    };
    co_await test::becomes(counted, 5000ms);
    tasks.cancel();
    co_await tasks.join();
    co_return board.view()->online;
  }
};

TEST_F(PresenceHostsTest, CountsProcessesThatSpokeInTheLastThirtySeconds) {
  run([this]() -> awaitable<void> {
    co_await says("there", 25s, 10);
    co_await says("silent", 31s, 100);
    co_await says("here", 1s, 1000);  // Before it started again.

    const std::size_t people = co_await online();

    EXPECT_EQ(people, 11U);
  });
}

TEST_F(PresenceHostsTest, ForgetsProcessesThatAreSilentForAnHour) {
  run([this]() -> awaitable<void> {
    co_await says("silent", 59min, 10);
    co_await says("gone", 61min, 100);

    co_await online();
    const std::vector<std::string> left = co_await hosts();

    const std::vector<std::string> expected{"here", "silent"};
    EXPECT_EQ(left, expected);
  });
}

}  // namespace
}  // namespace seendr::app
