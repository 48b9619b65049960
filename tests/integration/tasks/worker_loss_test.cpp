// Workers that are stopped for a while or get no answer, and tasks that end their workers. Workers
// that are killed: tests/chaos/killed_worker_test.cpp.
#include "codec/text.hpp"

#include "task_host.hpp"
#include "worker_process.hpp"

namespace seendr::tasks {
namespace {

constexpr const char* kEffects = "test:effects";  // Ids of tasks that had their effect.

awaitable<json::value> effect(TaskContext& task, redis::Client& client, Millis takes) {
  co_await sleep_for(takes);
  redis::Command add("SADD", kEffects, task.id());
  co_await client.exec(std::move(add));
  co_return nullptr;
}

class WorkerLossTest : public TasksTest {
 protected:
  using ProcessPtr = std::unique_ptr<WorkerProcess>;

  ProcessPtr start_process(Millis takes, int max_deliveries = 5) {
    WorkerOptions options = quick();
    options.max_deliveries = max_deliveries;
    return start_process(takes, options);
  }

  ProcessPtr start_process(Millis takes, const WorkerOptions& options) {
    const WorkerProcess::AddKinds kinds = [takes](Registry& to, const Env&,
                                                  redis::Client& commands) {
      KindOptions once;
      once.idempotent = true;
      to.on("effect", once,
            [&commands, takes](TaskContext& task) { return effect(task, commands, takes); });
      to.on("die", {}, [](TaskContext&) -> awaitable<json::value> {
        kill(getpid(), SIGKILL);
        co_return nullptr;
      });
    };
    return std::make_unique<WorkerProcess>(server().url(), options, kinds);
  }

  // Starts workers one after the other, each when the one before was ended by its task, until one
  // lives on.
  awaitable<void> expect_buried_after(int lost_workers, std::string id) {
    ProcessPtr worker;
    for (int i = 0; i <= lost_workers; ++i) {
      worker = start_process(0ms, lost_workers - 1);
      if (i == lost_workers) break;
      const std::function<bool()> died = [&worker] {
        return worker->ended();
      };
      const bool dead = co_await test::becomes(died, 10s);
      EXPECT_TRUE(dead) << i;
    }
    const Result result = co_await result_of(id);
    EXPECT_EQ(result.state, State::failure);
    EXPECT_EQ(result.failure ? result.failure->type : "", "WorkerLostError");
    const bool buried = co_await counts("HLEN", kBuriedKey, 1);
    EXPECT_TRUE(buried);
    EXPECT_FALSE(worker->ended());
    co_await expect_empty();
  }
};

TEST_F(WorkerLossTest, NobodyIsTakenForLostWhenRedisDoesNotSayForAWhileWhatIsOnRecord) {
  run([&]() -> awaitable<void> {
    KindOptions once;
    once.idempotent = true;
    registry.on("once", once, add);
    WorkerOptions options = quick();
    options.max_deliveries = 0;
    Host host(env(), another_client(), another_client(), registry, options);

    const redis::Command deny("ACL", "SETUSER", "default", "-zmscore");
    co_await redis().exec(deny);
    std::string id = co_await enqueued(task("once", 7));
    bool denied = false;
    for (int i = 0; i < 2000 && !denied; ++i) {
      const redis::Command log("ACL", "LOG");
      const redis::Reply refused = co_await redis().exec(log);
      denied = !refused.as_array().empty();
      co_await sleep_for(2ms);
    }
    const redis::Command allow("ACL", "SETUSER", "default", "+zmscore");
    co_await redis().exec(allow);
    const Result result = co_await result_of(std::move(id));

    EXPECT_TRUE(denied);
    EXPECT_EQ(result.value, json::value(7));
    co_await host.stop();
    co_await expect_empty();
  });
}

TEST_F(WorkerLossTest, AWorkerThatStoodStillSettlesNothingAnyMore) {
  const ProcessPtr paused = start_process(200ms);
  run(
      [&]() -> awaitable<void> {
        co_await enqueued(task("effect"));
        const bool began = co_await counts("ZCARD", kLeasesKey, 1);
        EXPECT_TRUE(began);
        paused->signal(SIGSTOP);
        const ProcessPtr other = start_process(0ms);
        const bool done = co_await counts("SCARD", kEffects, 1);
        const bool settled = co_await counts("ZCARD", kLeasesKey, 0);
        EXPECT_TRUE(done);
        EXPECT_TRUE(settled);
        other->kill9();
        paused->signal(SIGCONT);
        co_await enqueued(task("effect"));  // It works again.
        const bool again = co_await counts("SCARD", kEffects, 2);
        EXPECT_TRUE(again);
        const bool both = co_await counts("ZCARD", kLeasesKey, 0);
        EXPECT_TRUE(both);
        co_await expect_empty();
      },
      30s);
}

TEST_F(WorkerLossTest, TheLastWorkerOfTwoRunsWithinFiveSecondsWhatTheOtherHeld) {
  run(
      [&]() -> awaitable<void> {
        const WorkerOptions as_shipped;
        const ProcessPtr dying = start_process(60s, as_shipped);
        co_await enqueued(task("effect"));
        const bool began = co_await counts("ZCARD", kLeasesKey, 1);
        const ProcessPtr other = start_process(0ms, as_shipped);
        const bool works = co_await counts("EXISTS", kSweptKey, 1);
        dying->kill9();
        const auto died = std::chrono::steady_clock::now();
        const bool done = co_await counts("SCARD", kEffects, 1, 9s);
        const auto took = std::chrono::steady_clock::now() - died;

        EXPECT_TRUE(began);
        EXPECT_TRUE(works);
        EXPECT_TRUE(done);
        EXPECT_LT(took, 5s);
        const bool settled = co_await counts("ZCARD", kLeasesKey, 0);
        EXPECT_TRUE(settled);
      },
      30s);
}

TEST_F(WorkerLossTest, ATaskThatEndsItsWorkersIsBuriedInTheEnd) {
  run(
      [&]() -> awaitable<void> {
        const std::string id = co_await enqueued(task("die"));
        co_await expect_buried_after(3, id);
      },
      60s);
}

TEST_F(WorkerLossTest, SoIsOneOfProtocol1WithoutHeaders) {
  run(
      [&]() -> awaitable<void> {
        const std::string_view body = R"({"task": "die", "id": "old", "args": [], "kwargs": {}})";
        json::object properties;
        properties["delivery_tag"] = "t";
        properties["body_encoding"] = "base64";
        json::object envelope;
        envelope["body"] = to_base64(bytes(body));
        envelope["content-type"] = "application/json";
        envelope["properties"] = std::move(properties);
        co_await number("LPUSH", "celery", json::serialize(envelope));
        co_await expect_buried_after(3, "old");
      },
      60s);
}

}  // namespace
}  // namespace seendr::tasks
