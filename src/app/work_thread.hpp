// The thread of background work: its event loop, its connections, a worker and a scheduler.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "app/accounts/account_tokens.hpp"
#include "app/mail/mailer.hpp"
#include "app/settings/settings.hpp"
#include "base/env.hpp"
#include "postgres/database.hpp"
#include "runtime/net.hpp"
#include "runtime/task_group.hpp"
#include "tasks/signal.hpp"
#include "tasks/worker.hpp"

namespace seendr::app {

struct WorkParts {
  Env env;
  const Settings& settings;
  std::string redis_url;
  std::string cache_url;
  postgres::Database& database;
  AccountTokens& account_tokens;
  Mailer& mailer;
  std::string public_url;
};

enum class Work { worker, scheduler, both };

class WorkThread {
 public:
  // All parts must outlive the thread.
  explicit WorkThread(WorkParts parts, Work work = Work::both);
  WorkThread(const WorkThread&) = delete;
  WorkThread& operator=(const WorkThread&) = delete;
  ~WorkThread();  // As stop().

  // Both are called on the thread: once Redis was found, and when all has ended after drain().
  void start(std::function<void()> on_ready = {}, std::function<void()> on_end = {});

  // Takes nothing more: the scheduler resigns, what runs may end within tasks.drain_ms, then goes
  // back to its queue; with a second call at once. Returns at once. It, stop() and the destructor
  // are called on one thread.
  void drain();

  // As drain(), if that was not called, and blocks until all has ended.
  void stop();

 private:
  awaitable<void> main();
  awaitable<void> announce(redis::Client& redis);
  awaitable<void> schedule(redis::Client& redis);
  awaitable<void> work(redis::Client& redis, redis::Client& watching, redis::Client& cache_redis);

  WorkParts parts_;
  Work work_;
  std::function<void()> on_ready_;
  net::io_context io_{1};
  tasks::Signal stop_;
  TaskGroup workers_;
  tasks::Worker* worker_ = nullptr;  // While it runs.
  bool draining_ = false;
  bool told_ = false;  // drain() was called; of the owner's thread.
  std::thread thread_;
};

}  // namespace seendr::app
