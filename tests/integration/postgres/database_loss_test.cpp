// What a database does whose server goes away, never comes, or hangs.
#include <barrier>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "postgres/database.hpp"
#include "runtime/task_group.hpp"
#include "runtime/timeout.hpp"

#include "integration/postgres/database_fixture.hpp"

namespace seendr::postgres {
namespace {

using namespace std::chrono_literals;

class DatabaseLossTest : public DatabaseTest {};

TEST_F(DatabaseLossTest, ReplacesAConnectionThatTheServerClosedWithoutAFailedCall) {
  DatabaseOptions one = options();
  one.threads = 1;
  Database database(env(), one);
  run([&]() -> awaitable<void> {
    auto backend = number("select pg_backend_pid()");
    const int before = co_await database.run(backend);
    execute("select pg_terminate_backend(" + std::to_string(before) + ", 5000)");

    const int after = co_await database.run(backend);

    EXPECT_NE(before, after);
  });
}

TEST_F(DatabaseLossTest, SaysUnavailableForACallWhoseConnectionIsCutAndWorksAgain) {
  run([this]() -> awaitable<void> {
    auto suicide = statement("select pg_terminate_backend(pg_backend_pid())");
    const error_code error = co_await error_of(database().run(suicide));
    const bool known = !database().reachable();
    co_await database().ping();

    EXPECT_EQ(error, Errc::unavailable);
    EXPECT_TRUE(known);
    EXPECT_TRUE(database().reachable());
  });
}

TEST_F(DatabaseLossTest, FailsAtOnceWhileTheServerIsGoneAndRecoversWhenItIsBack) {
  run([this]() -> awaitable<void> {
    co_await database().ping();
    kill_server();

    const error_code first = co_await error_of(database().ping());
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 200; ++i) {
      const error_code next = co_await error_of(database().ping());
      EXPECT_EQ(next, Errc::unavailable);
    }
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_EQ(first, Errc::unavailable);
    EXPECT_FALSE(database().reachable());
    EXPECT_LT(took, 1s);

    restart_server();
    const Executor executor = co_await net::this_coro::executor;
    error_code last = Errc::unavailable;
    for (int i = 0; last && i < 300; ++i) {
      Timer pause(executor, 10ms);  // 3 s in all: longer than the longest back-off.
      co_await pause.async_wait(use_awaitable);
      last = co_await error_of(database().ping());
    }
    EXPECT_EQ(last, error_code());
    EXPECT_TRUE(database().reachable());
  });
}

TEST_F(DatabaseLossTest, SaysUnavailableWhenThereNeverWasAServer) {
  DatabaseOptions nowhere = options();
  nowhere.url = "postgresql:///seendr?host=/nowhere";
  Database database(env(), nowhere);
  run([&]() -> awaitable<void> {
    const error_code error = co_await error_of(database.ping());

    EXPECT_EQ(error, Errc::unavailable);
    EXPECT_FALSE(database.reachable());
  });
}

TEST_F(DatabaseLossTest, RunsCallsFromSeveralEventLoopsAtOnce) {
  execute("create table t (n int)");
  Database database(env(), options());
  std::atomic<int> failures{0};
  std::vector<std::thread> loops;
  for (int i = 0; i < 4; ++i) {
    loops.emplace_back([&] {
      net::io_context loop;
      for (int k = 0; k < 25; ++k) {
        net::co_spawn(loop, database.run(statement("insert into t values (1)")),
                      [&](std::exception_ptr error) { failures += error ? 1 : 0; });
      }
      loop.run();
    });
  }
  for (std::thread& loop : loops) loop.join();

  EXPECT_EQ(failures, 0);
  EXPECT_EQ(execute("select count(*) from t"), "100");
  EXPECT_EQ(database.queries(), 100U);
}

TEST_F(DatabaseLossTest, EndsInBoundedTimeWhenTheServerHangs) {
  run([this]() -> awaitable<void> {
    const Executor executor = co_await net::this_coro::executor;
    DatabaseOptions one = options();
    one.threads = 1;
    auto database = std::make_unique<Database>(env(), one);
    auto backend = number("select pg_backend_pid()");
    const int pid = co_await database->run(backend);
    kill(pid, SIGSTOP);
    TaskGroup tasks(executor, [](const std::string&, std::exception_ptr) {});
    tasks.spawn("hanging", database->ping());
    co_await net::post(executor, use_awaitable);
    co_await net::post(executor, use_awaitable);
    tasks.cancel();
    co_await tasks.join();

    const auto begin = std::chrono::steady_clock::now();
    database.reset();

    EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);
    kill(pid, SIGCONT);
  });
}

}  // namespace
}  // namespace seendr::postgres
