#include "lab/bench_tasks.hpp"

#include <cstdio>
#include <functional>
#include <stdexcept>
#include <thread>

#include "lab/celery.hpp"
#include "lab/measurement.hpp"
#include "lab/quantiles.hpp"
#include "lab/redis_cost.hpp"
#include "lab/task_host.hpp"
#include "lab/task_load.hpp"
#include "runtime/sleep.hpp"
#include "runtime/task_group.hpp"

namespace seendr::lab {
namespace {

constexpr std::size_t kOneCaller = 1;
constexpr std::size_t kManyCallers = 50;
constexpr std::size_t kLoadPercent = 50;
constexpr int kCelerysDatabase = 1;
constexpr Millis kTasksPatience{5000};
constexpr Millis kExecuteLimit{120'000};

redis::ClientOptions bench_client(const std::string& socket, int database) {
  redis::ClientOptions options;
  options.url = redis::parse_url("unix://" + socket).value();
  options.url.db = database;
  options.client_name = "bench";
  return options;
}

// How long tasks waited that came at a steady rate.
struct Loaded {
  double per_second = 0;
  Quantiles waited_us;
};

// What one kind of worker made of the tasks.
struct WorkerFigures {
  double executed = 0;    // A second.
  double idle_calls = 0;  // Redis' commands a second while nothing was to do.
  Loaded half;            // At half of what it executed.
};

// Starts and stops one kind of worker.
struct WorkerKind {
  std::string name;
  std::function<void()> start;
  std::function<awaitable<void>(std::size_t)> noted;  // That many tasks noted how long they waited.
  std::function<std::vector<double>()> stop;          // How long tasks waited.
};

class TasksBench {
 public:
  TasksBench(const Env& env, const BenchTasksOptions& options, Executor executor)
      : env_(env),
        options_(options),
        ours_(env, executor, bench_client(options.socket, 0)),
        theirs_(env, executor, bench_client(options.socket, kCelerysDatabase)),
        celery_({options.socket, kCelerysDatabase, options.folder, options.python}),
        clients_(executor, [](const std::string& name, std::exception_ptr error) {
          std::fprintf(stderr, "%s: %s\n", name.c_str(), what(error).c_str());
        }) {}

  awaitable<void> open() {
    clients_.spawn("client", ours_.run());
    clients_.spawn("client of Celery's database", theirs_.run());
    co_await ours_.wait_connected(kTasksPatience);
    co_await theirs_.wait_connected(kTasksPatience);
  }

  awaitable<void> close() {
    host_.reset();
    worker_.reset();
    clients_.cancel();
    co_await clients_.join();
  }

  awaitable<void> run() {
    co_await enqueue();
    const int processes = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    const WorkerFigures ours = co_await figures(seendr(), ours_);
    const WorkerFigures prefork = co_await figures(celery("prefork", processes), theirs_);
    const WorkerFigures solo = co_await figures(celery("solo", 1), theirs_);
    const Loaded same = co_await ours_at(prefork.half.per_second);

    const auto print_all = [&](const std::string& what, std::size_t size, const char* measure,
                               const char* unit, const auto& value) {
      print(what, size, measure, unit, value(ours),
            {{"celery prefork", value(prefork), ""}, {"celery solo", value(solo), ""}});
    };
    print_all("execute", options_.tasks, "per_s", "1/s",
              [](const WorkerFigures& one) { return one.executed; });
    print_all("latency_load", kLoadPercent, "per_s", "1/s",
              [](const WorkerFigures& one) { return one.half.per_second; });
    print_all("latency", kLoadPercent, "p50", "us",
              [](const WorkerFigures& one) { return one.half.waited_us.p50; });
    print_all("latency", kLoadPercent, "p99", "us",
              [](const WorkerFigures& one) { return one.half.waited_us.p99; });
    print("latency_same", kLoadPercent, "p99", "us", same.waited_us.p99,
          {{"celery prefork", prefork.half.waited_us.p99, ""}});
    print_all("idle_commands", kOneCaller, "per_s", "1/s",
              [](const WorkerFigures& one) { return one.idle_calls; });
  }

 private:
  awaitable<void> enqueue() {
    say("enqueuing");
    const double theirs = co_await celery_.enqueue_rate(options_.duration);
    TaskLoad load(env_, ours_);
    Operation operation = [&load] {
      return load.enqueue_nothing();
    };
    const Rate one = co_await measure_rate(kOneCaller, options_.duration, operation);
    const Rate many = co_await measure_rate(kManyCallers, options_.duration, operation);
    print("enqueue", kOneCaller, "per_s", "1/s", one.per_second(), {{"celery", theirs, ""}});
    print("enqueue", kManyCallers, "per_s", "1/s", many.per_second(), {});
  }

  WorkerKind seendr() {
    WorkerKind kind;
    kind.name = "Seendr's worker";
    kind.start = [this] {
      host_ = std::make_unique<TaskHost>(env_, ours_.options().url);
    };
    kind.noted = [](std::size_t) {
      return nothing_to_wait_for();
    };
    kind.stop = [this] {
      return host_->stop();
    };
    return kind;
  }

  WorkerKind celery(std::string pool, int processes) {
    WorkerKind kind;
    kind.name = "Celery's worker, " + pool;
    kind.start = [this, pool, processes] {
      worker_ = celery_.start_worker(pool, processes);
    };
    kind.noted = [this](std::size_t count) {
      return celery_.wait_noted(count, kExecuteLimit);
    };
    kind.stop = [this] {
      return celery_.stop_worker(std::move(*worker_));
    };
    return kind;
  }

  // Our worker acknowledges what it has done.
  static awaitable<void> nothing_to_wait_for() { co_return; }

  awaitable<WorkerFigures> figures(WorkerKind kind, redis::Client& redis) {
    say(kind.name);
    WorkerFigures figures;
    TaskLoad load(env_, redis);
    co_await load.clear();
    co_await load.fill(options_.tasks);
    kind.start();
    const Rate executed = co_await load.wait_done(options_.tasks, kExecuteLimit);
    figures.executed = executed.per_second();
    const double half = figures.executed * kLoadPercent / 100;
    const Rate came = co_await load_with(load, kind, half);

    const RedisCost before = co_await read_cost(redis);
    co_await sleep_for(options_.duration);
    const RedisCost after = co_await read_cost(redis);
    const double seconds = std::chrono::duration<double>(options_.duration).count();
    figures.idle_calls = static_cast<double>(difference(before, after).total()) / seconds;

    figures.half = end(kind, came);
    co_return figures;
  }

  awaitable<Rate> load_with(TaskLoad& load, const WorkerKind& kind, double per_second) {
    const Rate came = co_await load.enqueue_stamps(per_second, options_.duration);
    co_await kind.noted(came.count);
    co_await load.wait_done(came.count, kExecuteLimit);
    co_return came;
  }

  Loaded end(const WorkerKind& kind, Rate came) {
    std::vector<double> waited = kind.stop();
    if (waited.size() != came.count) {
      throw std::runtime_error(kind.name + " noted " + std::to_string(waited.size()) + " of " +
                               std::to_string(came.count) + " tasks");
    }
    Loaded loaded;
    loaded.per_second = came.per_second();
    loaded.waited_us = quantiles(std::move(waited));
    return loaded;
  }

  // Our worker at the load that Celery's had.
  awaitable<Loaded> ours_at(double per_second) {
    WorkerKind kind = seendr();
    TaskLoad load(env_, ours_);
    kind.start();
    const Rate came = co_await load_with(load, kind, per_second);
    co_return end(kind, came);
  }

  void print(const std::string& what, std::size_t size, const char* measure, const char* unit,
             double value, std::vector<Rival> rivals) {
    const Measurement measurement{"tasks." + what + "." + std::to_string(size) + "." + measure,
                                  value, unit, std::move(rivals)};
    const std::string line = options_.json ? json_line(measurement) : row(measurement);
    std::fputs(line.c_str(), stdout);
    std::fflush(stdout);
  }

  static void say(const std::string& what) { std::fprintf(stderr, "measuring %s\n", what.c_str()); }

  const Env& env_;
  const BenchTasksOptions& options_;
  redis::Client ours_;
  redis::Client theirs_;
  Celery celery_;
  std::unique_ptr<TaskHost> host_;
  std::optional<ChildProcess> worker_;
  TaskGroup clients_;
};

}  // namespace

awaitable<int> run_bench_tasks(const Env& env, BenchTasksOptions options) {
  const Executor executor = co_await net::this_coro::executor;
  TasksBench bench(env, options, executor);
  std::exception_ptr failure;
  try {
    co_await bench.open();
    co_await bench.run();
  } catch (...) {
    failure = std::current_exception();
  }
  co_await bench.close();
  if (failure) std::rethrow_exception(failure);
  co_return 0;
}

}  // namespace seendr::lab
