#include "lab/task_load.hpp"

#include <stdexcept>

#include "redis/check.hpp"
#include "runtime/sleep.hpp"
#include "runtime/task_group.hpp"
#include "tasks/keys.hpp"

namespace seendr::lab {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kCallers = 50;
constexpr Millis kLook{2};  // The same for all that are compared.
constexpr const char* kQueue = "celery";
constexpr const char* kCelerysHeldKey = "unacked";

// All of them to their end; rethrows what the first one threw that failed.
class Callers {
 public:
  explicit Callers(const Executor& executor)
      : group_(executor, [this](const std::string&, std::exception_ptr error) {
          if (!failure_) failure_ = error;
        }) {}

  void add(awaitable<void> body) { group_.spawn("caller", std::move(body)); }

  awaitable<void> join() {
    co_await group_.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::exception_ptr failure_;
  TaskGroup group_;
};

tasks::Task bench_task(const char* name) {
  tasks::Task task;
  task.name = name;
  task.queue = kQueue;
  task.ignore_result = true;
  return task;
}

std::int64_t micros(SteadyClock::time_point time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

}  // namespace

// What is to be sent when.
struct TaskLoad::Pace {
  SteadyClock::time_point start;
  std::chrono::nanoseconds step;
  std::size_t total = 0;
  std::size_t next = 0;
};

TaskLoad::TaskLoad(const Env& env, redis::Client& redis) : redis_(redis), client_(env, redis) {}

awaitable<void> TaskLoad::enqueue(tasks::Task task) {
  const result<std::string> id = co_await client_.enqueue(std::move(task));
  if (!id) throw std::runtime_error("a task was not enqueued: " + id.error().message());
}

awaitable<void> TaskLoad::enqueue_nothing() {
  tasks::Task task = bench_task(kNothingTask);
  co_await enqueue(std::move(task));
}

awaitable<void> TaskLoad::fill_some(std::size_t& left) {
  while (left > 0) {
    --left;
    co_await enqueue_nothing();
  }
}

awaitable<void> TaskLoad::fill(std::size_t count) {
  Callers callers(redis_.executor());
  for (std::size_t i = 0; i < kCallers; ++i) callers.add(fill_some(count));
  co_await callers.join();
}

awaitable<std::size_t> TaskLoad::left() {
  redis::Pipeline commands;
  commands.add("LLEN", kQueue);
  commands.add("ZCARD", std::string_view(tasks::kLeasesKey));
  commands.add("HLEN", kCelerysHeldKey);
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(commands));
  redis::throw_if_error(replies);
  std::size_t sum = 0;
  for (const redis::Reply& reply : replies) sum += static_cast<std::size_t>(reply.as_int());
  co_return sum;
}

awaitable<Rate> TaskLoad::wait_done(std::size_t count, Millis limit) {
  const auto deadline = SteadyClock::now() + limit;
  auto start = SteadyClock::now();
  for (;;) {
    const auto looked = SteadyClock::now();
    const std::size_t left = co_await this->left();
    if (left >= count) start = looked;
    if (left == 0) break;
    if (looked > deadline) {
      throw std::runtime_error(std::to_string(left) + " of " + std::to_string(count) +
                               " tasks were not done in time");
    }
    co_await sleep_for(kLook);
  }
  Rate rate;
  rate.count = count;
  rate.seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
  co_return rate;
}

awaitable<void> TaskLoad::follow(Pace& pace) {
  Timer timer(redis_.executor());
  while (pace.next < pace.total) {
    const auto due = pace.start + pace.step * static_cast<std::int64_t>(pace.next);
    ++pace.next;
    if (due > SteadyClock::now()) {
      timer.expires_at(due);
      co_await timer.async_wait(use_awaitable);
    }
    tasks::Task task = bench_task(kStampTask);
    task.args.emplace_back(micros(SteadyClock::now()));
    co_await enqueue(std::move(task));
  }
}

awaitable<Rate> TaskLoad::enqueue_stamps(double per_second, Millis duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  Pace pace;
  pace.start = SteadyClock::now();
  pace.step = std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / per_second));
  pace.total = static_cast<std::size_t>(per_second * seconds) + 1;
  Callers callers(redis_.executor());
  for (std::size_t i = 0; i < kCallers; ++i) callers.add(follow(pace));
  co_await callers.join();
  Rate rate;
  rate.count = pace.total;
  rate.seconds = std::chrono::duration<double>(SteadyClock::now() - pace.start).count();
  co_return rate;
}

awaitable<void> TaskLoad::clear() {
  redis::Command flush("FLUSHDB");
  co_await redis_.exec(std::move(flush));
}

}  // namespace seendr::lab
