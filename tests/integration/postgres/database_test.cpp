#include "postgres/database.hpp"

#include <barrier>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/task_group.hpp"
#include "runtime/timeout.hpp"

#include "integration/postgres/database_fixture.hpp"

namespace seendr::postgres {
namespace {

using namespace std::chrono_literals;

TEST_F(DatabaseTest, ReturnsWhatTheFunctionReturnsOnTheCallersThread) {
  run([this]() -> awaitable<void> {
    const auto here = std::this_thread::get_id();
    auto query = number("select 6 * 7");
    const int answer = co_await database().run(query);

    EXPECT_EQ(answer, 42);
    EXPECT_EQ(std::this_thread::get_id(), here);
    EXPECT_EQ(database().queries(), 1U);
  });
}

TEST_F(DatabaseTest, CommitsWhatTheFunctionWrote) {
  run([this]() -> awaitable<void> {
    auto write = statement("create table t (n int); insert into t values (1)");
    co_await database().run(write);

    EXPECT_EQ(execute("select count(*) from t"), "1");
  });
}

TEST_F(DatabaseTest, UndoesEverythingWhenTheFunctionThrows) {
  execute("create table t (n int)");
  run([this]() -> awaitable<void> {
    auto write = [](pqxx::work& tx) {
      tx.exec("insert into t values (1)");
      throw std::domain_error("changed my mind");
    };
    std::string said;
    try {
      co_await database().run(write);
    } catch (const std::domain_error& error) {
      said = error.what();
    }

    EXPECT_EQ(said, "changed my mind");
    EXPECT_EQ(execute("select count(*) from t"), "0");
  });
}

TEST_F(DatabaseTest, LetsTheCallerSeeAViolatedConstraintAndKeepsTheConnection) {
  execute("create table t (n int unique); insert into t values (1)");
  DatabaseOptions one = options();
  one.threads = 1;
  Database database(env(), one);
  run([&]() -> awaitable<void> {
    auto backend = number("select pg_backend_pid()");
    const int before = co_await database.run(backend);
    auto write = statement("insert into t values (1)");
    bool seen = false;
    try {
      co_await database.run(write);
    } catch (const pqxx::unique_violation&) {
      seen = true;
    }
    const int after = co_await database.run(backend);

    EXPECT_TRUE(seen);
    EXPECT_EQ(before, after);
  });
}

TEST_F(DatabaseTest, TakesParametersAsValuesWhateverTheyContain) {
  execute("create table t (name text)");
  run([this]() -> awaitable<void> {
    const std::string hostile = "'); drop table t; -- \\ \" $1 \xC3\xA9";
    auto write = [hostile](pqxx::work& tx) {
      tx.exec_params("insert into t values ($1)", hostile);
      return tx.exec_params("select name from t where name = $1", hostile)[0][0].as<std::string>();
    };
    const std::string read = co_await database().run(write);

    EXPECT_EQ(read, hostile);
    EXPECT_EQ(execute("select count(*) from t"), "1");
  });
}

TEST_F(DatabaseTest, EndsAStatementThatRunsTooLong) {
  DatabaseOptions impatient = options();
  impatient.statement_timeout = 50ms;
  Database database(env(), impatient);
  run([&]() -> awaitable<void> {
    auto slow = statement("select pg_sleep(60)");
    const error_code error = co_await error_of(database.run(slow));
    co_await database.ping();

    EXPECT_EQ(error, Errc::timed_out);
    EXPECT_TRUE(database.reachable());
  });
}

TEST_F(DatabaseTest, RefusesMoreCallsThanTheQueueHolds) {
  DatabaseOptions narrow = options();
  narrow.threads = 1;
  narrow.queue_limit = 2;
  Database database(env(), narrow);
  execute("create table t (n int)");
  run([&]() -> awaitable<void> {
    const Executor executor = co_await net::this_coro::executor;
    std::promise<void> begun;
    std::promise<void> release;
    const std::shared_future<void> released = release.get_future().share();
    std::promise<void>* told = &begun;
    auto hold = [told, released](pqxx::work&) {
      told->set_value();
      released.wait();
    };
    std::vector<std::string> failures;
    TaskGroup tasks(executor,
                    [&](const std::string& name, std::exception_ptr) { failures.push_back(name); });
    tasks.spawn("running", database.run(hold));
    co_await net::post(executor, use_awaitable);
    begun.get_future().wait();
    auto write = statement("insert into t values (1)");
    tasks.spawn("first waiting", database.run(write));
    tasks.spawn("second waiting", database.run(write));
    co_await net::post(executor, use_awaitable);

    const error_code error = co_await error_of(database.run(write));
    release.set_value();
    co_await tasks.join();

    EXPECT_EQ(error, Errc::overloaded);
    EXPECT_TRUE(failures.empty());
    EXPECT_EQ(execute("select count(*) from t"), "2");
  });
}

TEST_F(DatabaseTest, GivesUpACallThatWaitsTooLongAndNeverRunsIt) {
  DatabaseOptions narrow = options();
  narrow.threads = 1;
  narrow.wait_limit = 20ms;
  Database database(env(), narrow);
  execute("create table t (n int)");
  run([&]() -> awaitable<void> {
    const Executor executor = co_await net::this_coro::executor;
    std::promise<void> release;
    const std::shared_future<void> released = release.get_future().share();
    auto hold = [released](pqxx::work&) {
      released.wait();
    };
    TaskGroup tasks(executor, [](const std::string&, std::exception_ptr) {});
    tasks.spawn("running", database.run(hold));
    co_await net::post(executor, use_awaitable);

    auto write = statement("insert into t values (1)");
    const error_code error = co_await error_of(database.run(write));
    release.set_value();
    co_await tasks.join();
    co_await database.ping();

    EXPECT_EQ(error, Errc::timed_out);
    EXPECT_EQ(execute("select count(*) from t"), "0");
  });
}

TEST_F(DatabaseTest, StopsWaitingForACallThatDoesNotEnd) {
  DatabaseOptions brief = options();
  brief.wait_limit = 200ms;
  brief.call_limit = 50ms;
  Database database(env(), brief);
  run([&]() -> awaitable<void> {
    std::promise<void> release;
    const std::shared_future<void> released = release.get_future().share();
    auto hold = [released](pqxx::work&) {
      released.wait();
    };
    const error_code error = co_await error_of(database.run(hold));
    release.set_value();

    EXPECT_EQ(error, Errc::timed_out);
  });
}

TEST_F(DatabaseTest, CanBeCancelledWhileItRunsAndWhileItWaits) {
  DatabaseOptions narrow = options();
  narrow.threads = 1;
  Database database(env(), narrow);
  run([&]() -> awaitable<void> {
    const Executor executor = co_await net::this_coro::executor;
    std::promise<void> begun;
    std::promise<void> release;
    const std::shared_future<void> released = release.get_future().share();
    std::promise<void>* told = &begun;
    auto hold = [told, released](pqxx::work&) {
      told->set_value();
      released.wait();
    };
    bool failed = false;
    TaskGroup tasks(executor, [&](const std::string&, std::exception_ptr) { failed = true; });
    tasks.spawn("running", database.run(hold));
    co_await net::post(executor, use_awaitable);
    begun.get_future().wait();
    auto query = statement("select 1");
    tasks.spawn("waiting", database.run(query));
    co_await net::post(executor, use_awaitable);

    tasks.cancel();
    co_await tasks.join();
    release.set_value();
    co_await database.ping();

    EXPECT_FALSE(failed);
  });
}

TEST_F(DatabaseTest, SurvivesTheEndOfAnEventLoopThatStillWaits) {
  DatabaseOptions narrow = options();
  Database database(env(), narrow);
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::promise<void> begun;
  std::promise<void>* told = &begun;
  auto hold = [told, released](pqxx::work&) {
    told->set_value();
    released.wait();
  };
  {
    net::io_context other;
    net::co_spawn(other, database.run(hold), [](std::exception_ptr) {});
    other.poll();
    begun.get_future().wait();
  }

  release.set_value();

  run([&]() -> awaitable<void> { co_await database.ping(); });
}

TEST_F(DatabaseTest, RunsATransactionAgainAfterASerializationFailure) {
  execute("create table t (n int); insert into t values (0)");
  run([this]() -> awaitable<void> {
    const Executor executor = co_await net::this_coro::executor;
    // Both read before either writes, the first time round; one of them must fail and repeat.
    auto meeting = std::make_shared<std::barrier<>>(2);
    auto rounds = std::make_shared<std::atomic<int>>(0);
    auto increment = [meeting, rounds, first = true](pqxx::work& tx) mutable {
      ++*rounds;
      tx.exec("set transaction isolation level serializable");
      const int n = tx.exec("select n from t")[0][0].as<int>();
      if (std::exchange(first, false)) meeting->arrive_and_wait();
      tx.exec_params("update t set n = $1", n + 1);
    };
    std::vector<std::string> failures;
    TaskGroup tasks(executor,
                    [&](const std::string& name, std::exception_ptr) { failures.push_back(name); });
    tasks.spawn("one", database().run(increment));
    tasks.spawn("two", database().run(increment));
    co_await tasks.join();

    EXPECT_TRUE(failures.empty());
    EXPECT_EQ(execute("select n from t"), "2");
    EXPECT_EQ(*rounds, 3);
  });
}

TEST_F(DatabaseTest, GivesUpATransactionThatIsNeverSerializable) {
  run([this]() -> awaitable<void> {
    auto rounds = std::make_shared<std::atomic<int>>(0);
    auto hopeless = [rounds](pqxx::work& tx) {
      ++*rounds;
      tx.exec("do $$ begin raise exception using errcode = '40001'; end $$");
    };
    bool seen = false;
    try {
      co_await database().run(hopeless);
    } catch (const pqxx::serialization_failure&) {
      seen = true;
    }

    EXPECT_TRUE(seen);
    EXPECT_EQ(*rounds, 4);
  });
}

}  // namespace
}  // namespace seendr::postgres
