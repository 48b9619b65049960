#include "app/work_thread.hpp"

#include "app/jobs/jobs.hpp"
#include "app/jobs/schedule.hpp"
#include "app/settings/config.hpp"
#include "app/settings/work_config.hpp"
#include "runtime/system_place.hpp"
#include "runtime/timeout.hpp"
#include "tasks/scheduler.hpp"

namespace seendr::app {

namespace {

constexpr Millis kGoodbye{3000};
constexpr std::size_t kMostWaiting = 10'000;  // While no worker is there.
constexpr Millis kLong{3'600'000};            // As long as any.

TaskGroup::OnFailure logged(const Env& env) {
  return [log = env.log](const std::string& name, std::exception_ptr error) {
    log.error("loop_failed", "loop", name, "error", what(error));
  };
}

}  // namespace

WorkThread::WorkThread(WorkParts parts, Work work)
    : parts_(std::move(parts)),
      work_(work),
      stop_(io_.get_executor()),
      workers_(io_.get_executor(), logged(parts_.env)) {}

WorkThread::~WorkThread() {
  stop();
}

void WorkThread::start(std::function<void()> on_ready, std::function<void()> on_end) {
  on_ready_ = std::move(on_ready);
  net::co_spawn(io_, main(),
                [log = parts_.env.log, on_end = std::move(on_end)](std::exception_ptr error) {
                  if (error) log.error("work_failed", "error", what(error));
                  if (on_end) on_end();
                });
  thread_ = std::thread([this] { io_.run(); });
}

void WorkThread::drain() {
  told_ = true;
  net::post(io_, [this] {
    if (std::exchange(draining_, true)) workers_.cancel();
    if (worker_) worker_->stop();
    stop_.set();
  });
}

void WorkThread::stop() {
  if (!thread_.joinable()) return;
  if (!told_) drain();
  thread_.join();
}

awaitable<void> WorkThread::main() {
  const Executor executor = io_.get_executor();
  const Env& env = parts_.env;
  const Settings& settings = parts_.settings;
  redis::Client redis(env, executor, redis_options(settings, parts_.redis_url, "seendr-worker"));
  redis::Client watching(env, executor,
                         redis_options(settings, parts_.redis_url, "seendr-worker-watch"));
  redis::Client cache_redis(env, executor,
                            redis_options(settings, parts_.cache_url, "seendr-worker-cache"));
  TaskGroup connections(executor, logged(env));
  TaskGroup schedulers(executor, logged(env));
  connections.spawn("redis", redis.run());
  connections.spawn("watching", watching.run());
  connections.spawn("cache_redis", cache_redis.run());
  if (on_ready_) connections.spawn("ready", announce(redis));
  if (work_ != Work::worker) schedulers.spawn("scheduler", schedule(redis));
  if (work_ != Work::scheduler) workers_.spawn("worker", work(redis, watching, cache_redis));
  while (!draining_) {
    co_await stop_.wait(kLong);
  }
  schedulers.cancel();
  co_await schedulers.join();
  co_await workers_.join();
  connections.cancel();
  co_await connections.join();
}

awaitable<void> WorkThread::announce(redis::Client& redis) {
  bool connected = false;
  while (!connected) {
    try {
      co_await redis.wait_connected(kLong);
      connected = true;
    } catch (const system_error& error) {
      if (error.code() == net::error::operation_aborted) throw;
    }
  }
  on_ready_();
}

awaitable<void> WorkThread::schedule(redis::Client& redis) {
  tasks::SchedulerOptions options;
  options.store.queue_limit = kMostWaiting;
  tasks::Scheduler scheduler(parts_.env, redis, schedule_entries(parts_.settings), options);
  std::exception_ptr end;
  try {
    co_await scheduler.run();
  } catch (...) {
    end = std::current_exception();
  }
  co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  try {
    co_await with_timeout(scheduler.resign(), kGoodbye);
  } catch (const system_error& error) {
    parts_.env.log.warn("goodbye_failed", "of", "scheduler", "error", what(error));
  }
  std::rethrow_exception(end);
}

awaitable<void> WorkThread::work(redis::Client& redis, redis::Client& watching,
                                 redis::Client& cache_redis) {
  cache::CacheOptions keeping = cache_options();
  keeping.memory.limit_bytes = 0;  // It reads nothing twice.
  cache::Cache cache(parts_.env, cache_redis, keeping);
  tasks::Registry registry;
  add_jobs(registry, JobParts{parts_.env, parts_.settings, redis, cache, parts_.database,
                              parts_.account_tokens, parts_.mailer, parts_.public_url});
  tasks::Worker worker(parts_.env, redis, watching, registry, worker_options(parts_.settings));
  if (draining_) worker.stop();
  worker_ = &worker;
  std::exception_ptr failure;
  try {
    co_await worker.run();
  } catch (...) {
    failure = std::current_exception();
  }
  worker_ = nullptr;
  co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  co_await cache.close();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace seendr::app
