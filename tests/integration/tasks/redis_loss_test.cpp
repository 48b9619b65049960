// Redis is killed and comes back with what it had written: what was accepted is executed, or was
// accepted within the second that a Redis with `appendfsync everysec` may lose.
#include <map>
#include <utility>

#include "task_host.hpp"

namespace seendr::tasks {
namespace {

constexpr Millis kLost = 1000ms;  // What a crash of the machine takes with it, by Redis' promise.

SteadyTime steady_now() {
  return std::chrono::steady_clock::now();
}

// When a task was enqueued. Its answer may have come from a Redis that crashed before it was read.
struct Enqueued {
  SteadyTime asked;
  SteadyTime accepted;
};

// A crash of Redis.
struct Crash {
  SteadyTime kept_until;  // What was accepted before is there afterwards.
  SteadyTime over;        // When Redis was there again.
};

class RedisLossTest : public TasksTest {
 protected:
  RedisLossTest()
      : durable(test::RedisServer::Options{.durable = true, .arguments = {}}),
        each_second(test::RedisServer::Options{.durable = true,
                                               .arguments = {"--appendfsync", "everysec"}}) {
    registry.on("note", {}, [this](TaskContext& task) { return note(task, ended); });
  }

  redis::Client& client_of(const test::RedisServer& server) {
    return another_client([&server](redis::ClientOptions& options) {
      options.url = server.url();
      options.backoff = BackoffOptions{5ms, 50ms};
    });
  }

  using Ended = std::map<std::int64_t, std::vector<SteadyTime>>;

  static awaitable<json::value> note(TaskContext& task, Ended& ended) {
    co_await sleep_for(1ms);
    ended[task.args().at(0).as_int64()].push_back(steady_now());
    co_return nullptr;
  }

  static std::string id_of(std::int64_t number) { return "task-" + std::to_string(number); }

  // As somebody does who must be sure: again with the same id until it is accepted.
  awaitable<void> enqueue_surely(Client& sender, std::int64_t number) {
    Task one = task("note", number);
    one.id = id_of(number);
    for (;;) {
      const result<std::string> id = co_await sender.enqueue(one);
      if (id) co_return;
      EXPECT_EQ(id.error(), Errc::unavailable);
    }
  }

  // As somebody does who takes no for an answer: each once, every tenth for a little later.
  awaitable<void> enqueue_until_told(Client& sender) {
    for (std::int64_t i = 0; !enough; ++i) {
      Task one = task("note", i);
      one.id = id_of(i);
      if (i % 10 == 0) one.countdown = 300ms;
      const SteadyTime asked = steady_now();
      const result<std::string> id = co_await sender.enqueue(std::move(one));
      if (id) {
        accepted[i] = Enqueued{asked, steady_now()};
      } else {
        EXPECT_EQ(id.error(), Errc::unavailable);
        ++refused;
      }
      co_await sleep_for(2ms);
    }
    enough = false;  // Heard.
  }

  std::filesystem::path log_file() const {
    std::filesystem::path found;
    const auto folder = each_second.directory() / "test" / "appendonlydir";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".incr.aof")) found = std::max(found, entry.path());
    }
    return found;
  }

  // Up to where the log holds all that was accepted, over time. While the disk is busy, Redis
  // writes later than it answers.
  awaitable<void> watch_log(redis::Client& commands) {
    for (;;) {
      const SteadyTime now = steady_now();
      const int before = crashed;
      std::exception_ptr failure;
      std::string info;
      try {
        const redis::Command persistence("INFO", "persistence");
        const redis::Reply reply = co_await commands.exec(persistence);
        info = reply.text();
      } catch (const system_error&) {
        failure = std::current_exception();
      }
      if (failure && is_cancellation(failure)) std::rethrow_exception(failure);
      const bool written = info.find("\naof_buffer_length:0\r") != std::string::npos;
      if (written && before == crashed) sizes[now] = std::filesystem::file_size(log_file());
      co_await sleep_for(5ms);
    }
  }

  // kill -9; and, as when the machine crashes, the last second of the log is gone too.
  Crash crash(bool machine) {
    ++crashed;
    const auto before = std::exchange(sizes, {});
    const SteadyTime now = steady_now();
    each_second.kill9();
    const auto [kept_until, kept] = *std::prev(before.upper_bound(now - kLost));
    if (machine) {
      EXPECT_LT(kept, std::filesystem::file_size(log_file()));
      std::filesystem::resize_file(log_file(), kept);
    }
    each_second.start();
    return Crash{kept_until, steady_now()};
  }

  // Crashes in the midst of it; then waits until everything has run that Redis knows of.
  awaitable<std::vector<Crash>> work_and_crash(redis::Client& commands, bool machine) {
    std::vector<Crash> crashes;
    for (int i = 0; i < 3; ++i) {
      const std::function<bool()> worked = [this] {
        return !sizes.empty() && sizes.begin()->first < steady_now() - kLost - 500ms;
      };
      const bool well = co_await test::becomes(worked, 15s);
      EXPECT_TRUE(well);
      if (well) crashes.push_back(crash(machine));
    }
    const std::size_t count = accepted.size();
    const std::function<bool()> more = [this, count] {
      return accepted.size() > count + 100;
    };
    co_await test::becomes(more, 15s);
    enough = true;
    const std::function<bool()> heard = [this] {
      return !enough;
    };
    co_await test::becomes(heard, 10s);
    co_await expect_served(commands);
    co_return crashes;
  }

  static awaitable<void> expect_served(redis::Client& commands) {
    std::int64_t left = -1;
    for (int i = 0; i < 5000 && left != 0; ++i) {
      redis::Pipeline all;
      all.add("LLEN", "celery");
      all.add("ZCARD", std::string_view(kLeasesKey));
      all.add("ZCARD", std::string_view(kTimersKey));
      const std::vector<redis::Reply> replies = co_await commands.exec(std::move(all));
      left = 0;
      for (const redis::Reply& count : replies) left += count.as_int();
      co_await sleep_for(2ms);
    }
    EXPECT_EQ(left, 0);
  }

  // Each task that was accepted has its result, or is not known, for whoever asks, and was accepted
  // within a lost second. Returns how many are not known.
  awaitable<int> expect_known(Client& sender, const std::vector<Crash>& crashes) {
    int unknown = 0;
    for (const auto& [number, when] : accepted) {
      const result<Result> found = co_await sender.look(id_of(number));
      EXPECT_TRUE(found);
      if (found && found->state == State::success) {
        EXPECT_EQ(ended.count(number), 1U) << number;
        continue;
      }
      EXPECT_EQ(found->state, State::pending);
      bool may_be_lost = false;
      for (const Crash& crash : crashes) {
        may_be_lost =
            may_be_lost || (when.accepted >= crash.kept_until && when.asked <= crash.over);
      }
      EXPECT_TRUE(may_be_lost) << number;
      if (++unknown > 1) continue;
      const result<Result> awaited = co_await sender.await_result(id_of(number), 20ms);
      EXPECT_EQ(awaited.error(), Errc::not_finished);
    }
    co_return unknown;
  }

  // A task runs again only when Redis may have forgotten that it ran, or did not hear of it.
  void expect_repeated_for_a_reason(const std::vector<Crash>& crashes) const {
    for (const auto& [number, times] : ended) {
      for (std::size_t i = 1; i < times.size(); ++i) {
        bool may_be_forgotten = false;
        for (const Crash& crash : crashes) {
          const bool settled_late = times[i - 1] >= crash.kept_until - 500ms;
          may_be_forgotten = may_be_forgotten || (settled_late && times[i - 1] <= crash.over);
        }
        EXPECT_TRUE(may_be_forgotten) << number;
      }
    }
  }

  // Returns how many tasks that were accepted are not known afterwards.
  int run_through_crashes(bool machine) {
    redis::Client& commands = client_of(each_second);
    redis::Client& watching = client_of(each_second);
    int unknown = 0;
    run(
        [&]() -> awaitable<void> {
          Client sender(env(), commands);
          TaskGroup loops(io().get_executor(), [](const std::string&, std::exception_ptr) {});
          loops.spawn("results", sender.run());
          loops.spawn("enqueues", enqueue_until_told(sender));
          loops.spawn("watches", watch_log(commands));
          Host host(env(), commands, watching, registry, quick());
          const std::vector<Crash> crashes = co_await work_and_crash(commands, machine);
          unknown = co_await expect_known(sender, crashes);

          expect_repeated_for_a_reason(crashes);
          EXPECT_GT(accepted.size(), 500U);
          const redis::Command dead("HLEN", std::string_view(kBuriedKey));
          const redis::Reply buried = co_await commands.exec(dead);
          EXPECT_EQ(buried.as_int(), 0);
          co_await host.stop();
          loops.cancel();
          co_await loops.join();
        },
        90s);
    return unknown;
  }

  test::RedisServer durable;
  test::RedisServer each_second;
  Ended ended;
  std::map<std::int64_t, Enqueued> accepted;
  std::map<SteadyTime, std::uintmax_t> sizes;
  int refused = 0;
  int crashed = 0;
  bool enough = false;
};

TEST_F(RedisLossTest, NoTaskIsLostWhenRedisIsKilled) {
  static constexpr std::int64_t kTasks = 600;
  static constexpr std::int64_t kKills = 3;
  redis::Client& commands = client_of(durable);
  redis::Client& watching = client_of(durable);
  run(
      [&]() -> awaitable<void> {
        Client sender(env(), commands);
        Host host(env(), commands, watching, registry, quick());
        for (std::int64_t i = 0; i < kTasks; ++i) {
          co_await enqueue_surely(sender, i);
          if (i % (kTasks / kKills) == kTasks / kKills / 2) durable.restart();
        }
        const std::function<bool()> all = [this] {
          return ended.size() >= kTasks;
        };
        const bool done = co_await test::becomes(all, 30s);
        co_await expect_served(commands);

        EXPECT_TRUE(done);
        EXPECT_EQ(ended.size(), static_cast<std::size_t>(kTasks));
        EXPECT_GT(commands.connections(), 1U);
        co_await host.stop();
      },
      90s);
}

TEST_F(RedisLossTest, WhatWasAcceptedASecondBeforeRedisIsKilledIsExecuted) {
  run_through_crashes(false);
}

TEST_F(RedisLossTest, TheLastSecondIsAllThatIsLostWithTheMachineAndWhoEnqueuedCanKnow) {
  EXPECT_GT(run_through_crashes(true), 0) << "nothing was lost, so nothing was shown";
}

}  // namespace
}  // namespace seendr::tasks
