// kill -9 of workers in the middle of 10,000 tasks: every task is executed, what it does in
// PostgreSQL under its id is done once, and what the killed one held runs again within 5 seconds.
#include <algorithm>
#include <cstdio>
#include <deque>
#include <memory>
#include <set>

#include "support/postgres_test.hpp"

#include "integration/tasks/task_host.hpp"
#include "integration/tasks/worker_process.hpp"

namespace seendr::tasks {
namespace {

constexpr int kTasks = 10'000;
constexpr int kKills = 10;
constexpr std::size_t kWorkers = 3;
constexpr Millis kTakes = 300ms;
constexpr double kPromised = 5;  // Seconds, with the lease that is shipped.

// One more on the account, under the id of the task; and notes that it was begun.
awaitable<json::value> pay(TaskContext& task, postgres::Database& database) {
  const std::string id = task.id();
  const auto begin = [id, worker = getpid()](pqxx::work& tx) {
    tx.exec_params("insert into executions (task, worker) values ($1, $2)", id, worker);
  };
  co_await database.run(begin);
  co_await sleep_for(kTakes);
  const auto act = [id](pqxx::work& tx) {
    const auto made =
        tx.exec_params("insert into payments (task) values ($1) on conflict do nothing", id);
    if (made.affected_rows() == 1) tx.exec("update account set balance = balance + 1");
  };
  co_await database.run(act);
  co_return nullptr;
}

class KilledWorkerTest : public TasksTest {
 protected:
  // What a worker that was killed held at that moment.
  struct Estate {
    pid_t worker = 0;
    std::string killed_at;  // PostgreSQL's clock.
    std::set<std::string> ids;
  };

  KilledWorkerTest() : database(test::TestDatabase::Schema::empty) {
    database.execute(
        "create table executions (task text, worker int, at timestamptz default clock_timestamp());"
        "create index on executions (task);"
        "create table payments (task text primary key);"
        "create table account (balance int); insert into account values (0)");
  }

  std::int64_t ask(const std::string& sql) const { return std::stoll(database.execute(sql)); }

  // Returns when it works; knows it by what it holds.
  awaitable<void> start_process() {
    const std::string url = database.url();
    const WorkerProcess::AddKinds kinds = [url](Registry& to, const Env& env, redis::Client&) {
      postgres::DatabaseOptions options;
      options.url = url;
      const auto pool = std::make_shared<postgres::Database>(env, options);
      KindOptions once;
      once.idempotent = true;
      to.on("pay", once, [pool](TaskContext& task) { return pay(task, *pool); });
    };
    WorkerOptions as_shipped;
    as_shipped.concurrency = 20;
    processes.push_back(std::make_unique<WorkerProcess>(server().url(), as_shipped, kinds));
    for (int i = 0; i < 10'000; ++i) {
      const redis::Command keys("HKEYS", std::string_view(kHeldKey));
      const redis::Reply reply = co_await redis().exec(keys);
      for (const redis::Reply& one : reply.as_array()) {
        const std::string name = one.text().substr(0, one.text().find('.'));
        if (!names_seen.insert(name).second) continue;
        names.push_back(name);
        co_return;
      }
      co_await sleep_for(2ms);
    }
    ADD_FAILURE() << "a worker takes nothing";
  }

  awaitable<Estate> kill_the_oldest() {
    Estate estate;
    estate.worker = processes.front()->pid();
    estate.killed_at = database.execute("select clock_timestamp()");
    processes.front()->kill9();
    co_await number("HLEN", std::string_view(kHeldKey));  // Redis has heard its last words.
    const redis::Command all("HGETALL", std::string_view(kHeldKey));
    const redis::Reply reply = co_await redis().exec(all);
    const std::vector<redis::Reply>& parts = reply.as_array();
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
      if (!parts[i].text().starts_with(names.front() + ".")) continue;
      const std::string& record = parts[i + 1].text();
      estate.ids.insert(decode(record.substr(record.find('\n') + 1)).value().id);
    }
    processes.pop_front();
    names.pop_front();
    co_return estate;
  }

  // Seconds from the kill until the last of what was held ran again.
  awaitable<double> until_all_run_again(Estate estate) {
    std::string ids;
    for (const std::string& id : estate.ids) ids += (ids.empty() ? "'" : ",'") + id + "'";
    const std::string again = " from (select min(at) as began from executions where task in (" +
                              ids + ") and at > '" + estate.killed_at + "' and worker <> " +
                              std::to_string(estate.worker) + " group by task) as runs";
    const auto wanted = static_cast<std::int64_t>(estate.ids.size());
    for (int i = 0; i < 1000 && ask("select count(*)" + again) < wanted; ++i) {
      co_await sleep_for(20ms);
    }
    EXPECT_EQ(ask("select count(*)" + again), wanted);
    co_return std::stod(database.execute("select extract(epoch from max(began) - '" +
                                         estate.killed_at + "')" + again));
  }

  test::TestDatabase database;
  std::deque<std::unique_ptr<WorkerProcess>> processes;
  std::deque<std::string> names;  // By which each of them holds.
  std::set<std::string> names_seen;
};

TEST_F(KilledWorkerTest, EveryTaskTakesEffectOnceAndSoon) {
  run(
      [&]() -> awaitable<void> {
        for (int i = 0; i < kTasks; ++i) {
          co_await enqueued(task("pay"));
        }
        for (std::size_t i = 0; i < kWorkers; ++i) {
          co_await start_process();
        }
        std::size_t held = 0;
        double slowest = 0;
        for (int i = 1; i <= kKills; ++i) {
          while (ask("select balance from account") < i * kTasks / (kKills + 1)) {
            co_await sleep_for(20ms);
          }
          const std::int64_t waiting = co_await number("LLEN", "celery");
          const Estate estate = co_await kill_the_oldest();
          co_await start_process();
          const double seconds = co_await until_all_run_again(estate);
          EXPECT_GT(waiting, 0) << "kill " << i << " came too late";
          EXPECT_FALSE(estate.ids.empty());
          EXPECT_LT(seconds, kPromised) << "kill " << i;
          held += estate.ids.size();
          slowest = std::max(slowest, seconds);
        }
        const bool all = co_await counts("ZCARD", kLeasesKey, 0, 60s);
        EXPECT_TRUE(all);

        const std::int64_t executions = ask("select count(*) from executions");
        std::printf("%zu tasks held by killed workers ran again, the slowest after %.2f s\n", held,
                    slowest);
        EXPECT_EQ(ask("select count(distinct task) from executions"), kTasks);
        EXPECT_EQ(ask("select count(*) from payments"), kTasks);
        EXPECT_EQ(ask("select balance from account"), kTasks);
        EXPECT_GE(executions, kTasks + kKills);
        EXPECT_LE(executions, kTasks + static_cast<std::int64_t>(held));
        const redis::Command keys("KEYS", result_key("*"));
        const redis::Reply results = co_await redis().exec(keys);
        EXPECT_EQ(results.as_array().size(), static_cast<std::size_t>(kTasks));
        const std::int64_t dead = co_await number("HLEN", std::string_view(kBuriedKey));
        EXPECT_EQ(dead, 0);
        co_await expect_empty();
      },
      280s);
}

}  // namespace
}  // namespace seendr::tasks
