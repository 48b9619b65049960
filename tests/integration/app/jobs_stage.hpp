// A worker that runs the application's tasks, on a Redis and a PostgreSQL of the test.
#pragma once

#include "app/jobs/job_queue.hpp"
#include "app/jobs/jobs.hpp"
#include "app/settings/work_config.hpp"
#include "support/postgres_test.hpp"
#include "support/redis_test.hpp"
#include "tasks/dead_letters.hpp"
#include "tasks/inspector.hpp"
#include "tasks/worker.hpp"

namespace seendr::app {

class JobsStage : public test::RedisTest {
 protected:
  explicit JobsStage(MailOptions mail, const Settings::Pairs& settings = {})
      : settings_(Settings::load({}, "", settings)), mailer_(env(), std::move(mail)) {
    add_jobs(registry_, JobParts{env(), settings_, redis(), cache_, postgres_, tokens_, mailer_,
                                 "https://x.example.org"});
  }

  // Runs `body` while a worker takes tasks; once a test, for it closes the cache.
  template <class Body>
  void with_worker(Body body) {
    run([&]() -> awaitable<void> {
      tasks::WorkerOptions options = worker_options(settings_);
      tasks::Worker worker(env(), redis(), another_client(), registry_, options);
      TaskGroup loops(io().get_executor(), [](const std::string& name, std::exception_ptr error) {
        ADD_FAILURE() << name << ": " << what(error);
      });
      loops.spawn("worker", worker.run());
      std::exception_ptr failure;
      try {
        co_await body();
      } catch (...) {
        failure = std::current_exception();
      }
      loops.cancel();
      co_await loops.join();
      co_await cache_.close();
      if (failure) std::rethrow_exception(failure);
    });
  }

  // The number that the command returns, once it is that; what it is in the end.
  awaitable<std::int64_t> settles(redis::Command command, std::int64_t wanted) {
    std::int64_t got = -1;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(8);
    while (got != wanted && std::chrono::steady_clock::now() < end) {
      const redis::Reply reply = co_await redis().exec(command);
      got = reply.as_int();
      co_await sleep_for(Millis(5));
    }
    co_return got;
  }

  test::TestDatabase database_;
  Settings settings_;
  postgres::Database postgres_{env(), postgres::DatabaseOptions{database_.url()}};
  cache::Cache cache_{env(), redis(), {}};
  AccountTokens tokens_{env(), postgres_};
  Mailer mailer_;
  tasks::Registry registry_;
  JobQueue jobs_{env(), redis()};
};

}  // namespace seendr::app
