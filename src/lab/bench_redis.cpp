#include "lab/bench_redis.hpp"

#include <cstdio>
#include <stdexcept>

#include "cache/cache.hpp"
#include "channels/layer.hpp"
#include "lab/rate.hpp"
#include "lab/redis_rivals.hpp"
#include "leaderboard/board.hpp"
#include "ratelimit/rate_limiter.hpp"
#include "redis/client.hpp"
#include "redis/script.hpp"
#include "runtime/task_group.hpp"

namespace seendr::lab {
namespace {

constexpr std::size_t kOne = 1;
constexpr std::size_t kMany = 50;
constexpr std::size_t kMembers = 10;
constexpr std::size_t kSubjects = 10'000;
constexpr std::size_t kRankedNames = 300;
constexpr Millis kPatience{5000};  // With a busy machine.
constexpr std::string_view kKey = "bench:text";
constexpr std::string_view kEcho = "return redis.call('GET', KEYS[1])";

redis::ClientOptions client_options(const std::string& socket, const char* name) {
  redis::ClientOptions options;
  options.url = redis::parse_url("unix://" + socket).value();
  options.client_name = name;
  return options;
}

leaderboard::BoardOptions board_options() {
  leaderboard::BoardOptions options;
  options.name = "bench";
  return options;
}

ratelimit::RateLimiterOptions limiter_options() {
  ratelimit::RateLimiterOptions options;
  options.timeout = kPatience;
  return options;
}

cache::CacheOptions cache_options(std::size_t memory_bytes) {
  cache::CacheOptions options;
  options.redis_limit = kPatience;
  options.memory.limit_bytes = memory_bytes;
  options.memory.max_age = Millis(3'600'000);
  return options;
}

// The client and the blocks on one event loop, and one operation of each.
class RedisParts {
 public:
  RedisParts(const Env& env, Executor executor, const std::string& socket)
      : text_(100, 'x'),
        client_(env, executor, client_options(socket, "bench")),
        tracked_(env, executor, client_options(socket, "bench-cache")),
        blocking_(env, executor, client_options(socket, "bench-inbox")),
        echo_(kEcho),
        far_(env, client_, cache_options(0)),
        near_(env, tracked_, cache_options(std::size_t{1} << 20)),
        limiter_(env, client_, limiter_options()),
        board_(env, client_, board_options()),
        layer_(env, client_, blocking_, channels::LayerOptions()),
        arrived_(executor),
        group_(executor, [](const std::string& name, std::exception_ptr error) {
          std::fprintf(stderr, "%s: %s\n", name.c_str(), what(error).c_str());
        }) {}

  awaitable<void> open() {
    group_.spawn("client", client_.run());
    group_.spawn("client of the cache", tracked_.run());
    group_.spawn("client of the inbox", blocking_.run());
    group_.spawn("cache", near_.run());
    group_.spawn("layer", layer_.run([this](const std::string&, const channels::Message&) {
      ++received_;
      if (received_ >= expected_) arrived_.cancel();
    }));
    co_await client_.wait_connected(kPatience);
    co_await set();
    co_await far_.set("person", text_);
    message_["type"] = "bench.message";
    message_["text"] = text_;
    for (std::size_t i = 0; i < kMembers; ++i) {
      co_await layer_.group_add("bench", layer_.new_channel());
    }
  }

  awaitable<void> close() {
    co_await near_.close();
    co_await far_.close();
    group_.cancel();
    co_await group_.join();
  }

  awaitable<void> get() {
    redis::Command command("GET", kKey);
    co_await client_.exec(std::move(command));
  }
  awaitable<void> set() {
    redis::Command command("SET", kKey, text_);
    co_await client_.exec(std::move(command));
  }
  awaitable<void> evalsha() { co_await echo_.run(client_, 1, kKey); }

  // kMany commands at once.
  awaitable<void> get_pipeline() {
    redis::Pipeline pipeline;
    for (std::size_t i = 0; i < kMany; ++i) pipeline.add("GET", kKey);
    co_await client_.exec(std::move(pipeline));
  }
  awaitable<void> set_pipeline() {
    redis::Pipeline pipeline;
    for (std::size_t i = 0; i < kMany; ++i) pipeline.add("SET", kKey, text_);
    co_await client_.exec(std::move(pipeline));
  }
  awaitable<void> evalsha_pipeline() {
    redis::Pipeline pipeline;
    for (std::size_t i = 0; i < kMany; ++i) pipeline.add("EVALSHA", echo_.sha(), 1, kKey);
    co_await client_.exec(std::move(pipeline));
  }

  awaitable<void> hit_near() { co_await hit(near_); }
  awaitable<void> hit_far() { co_await hit(far_); }

  awaitable<void> limit() {
    ratelimit::Limit limit;
    limit.name = "bench";
    limit.calls = 10;
    limit.window = Millis(60'000);
    std::string subject = std::to_string(turn_++ % kSubjects);
    const auto decision = co_await limiter_.acquire(std::move(limit), std::move(subject));
    if (decision.without_redis) throw std::runtime_error("Redis did not answer the limiter");
  }

  awaitable<void> rank() {
    std::vector<leaderboard::Scope> everybody(1);
    leaderboard::Vote vote;
    vote.name = "interest" + std::to_string(turn_++ % kRankedNames);
    co_await board_.increment(std::move(everybody), std::move(vote));
  }

  awaitable<void> send() {
    expected_ += kMembers;
    const channels::SendResult sent = co_await layer_.group_send("bench", message_);
    if (sent.full > 0) throw std::runtime_error("the inbox of the benchmark is full");
    while (received_ < expected_) {
      arrived_.expires_after(kPatience);
      const auto [error] = co_await arrived_.async_wait(net::as_tuple(use_awaitable));
      if (!error) throw std::runtime_error("a message to a group did not arrive");
    }
  }

  const std::string& text() const { return text_; }
  const std::string& sha() const { return echo_.sha(); }

 private:
  awaitable<void> hit(cache::Cache& cache) {
    const std::optional<std::string> found = co_await cache.get<std::string>("person");
    if (!found) throw std::runtime_error("the cache lost a value during the benchmark");
  }

  std::string text_;
  redis::Client client_;
  redis::Client tracked_;
  redis::Client blocking_;
  redis::Script echo_;
  cache::Cache far_;   // Every hit is Redis'.
  cache::Cache near_;  // With a level in the process.
  ratelimit::RateLimiter limiter_;
  leaderboard::Board board_;
  channels::Layer layer_;
  channels::Message message_;
  std::size_t turn_ = 0;
  std::size_t expected_ = 0;
  std::size_t received_ = 0;
  Timer arrived_;
  TaskGroup group_;
};

// Measures, compares and prints.
class RedisBench {
 public:
  RedisBench(RedisParts& parts, const BenchRedisOptions& options)
      : parts_(parts), options_(options) {}

  awaitable<void> run() {
    std::fprintf(stderr, "measuring the Python packages\n");
    python_ = co_await PythonRivals::run(options_.socket, options_.folder, options_.python,
                                         options_.duration);
    std::fprintf(stderr, "measuring the client, the blocks and redis-benchmark\n");
    const std::string key(kKey);
    const std::vector<std::string> get{"GET", key};
    const std::vector<std::string> set{"SET", key, parts_.text()};
    const std::vector<std::string> evalsha{"EVALSHA", parts_.sha(), "1", key};
    co_await command("get", get, &RedisParts::get, &RedisParts::get_pipeline);
    co_await command("set", set, &RedisParts::set, &RedisParts::set_pipeline);
    co_await command("evalsha", evalsha, &RedisParts::evalsha, &RedisParts::evalsha_pipeline);
    const Rate near = co_await measure(&RedisParts::hit_near, kOne);
    print("cache_l1_hit", kOne, near.per_second(), python_.of("cache_hit"));
    co_await block("cache_l2_hit", "cache_hit", &RedisParts::hit_far);
    co_await block("limiter", "limiter", &RedisParts::limit);
    co_await block("ranking_increment", "ranking_increment", &RedisParts::rank);
    const Rate sent = co_await measure(&RedisParts::send, kOne);
    print("group_send", kMembers, sent.per_second(), python_.of("group_send"));
  }

 private:
  using Step = awaitable<void> (RedisParts::*)();

  awaitable<Rate> measure(Step step, std::size_t workers) {
    Operation operation = [parts = &parts_, step] {
      return (parts->*step)();
    };
    co_return co_await measure_rate(workers, options_.duration, std::move(operation));
  }

  // As many requests as ours got done, so that it takes about as long.
  awaitable<Rival> benchmark(std::size_t pipelining, Rate ours, std::vector<std::string> words) {
    RedisBenchmark benchmark;
    benchmark.socket = options_.socket;
    benchmark.pipelining = pipelining;
    benchmark.requests = std::max<std::size_t>(ours.count, 1000);
    benchmark.words = std::move(words);
    co_return co_await run_redis_benchmark(std::move(benchmark));
  }

  awaitable<void> command(std::string name, std::vector<std::string> words, Step single,
                          Step together) {
    const Rate one = co_await measure(single, kOne);
    const Rival one_theirs = co_await benchmark(kOne, one, words);
    print(name, kOne, one.per_second(), one_theirs, python_.of(name));
    const Rate many = co_await measure(single, kMany);
    const Rival many_theirs = co_await benchmark(kMany, many, words);
    print(name, kMany, many.per_second(), many_theirs);
    const Rate pipelines = co_await measure(together, kOne);
    const double commands = static_cast<double>(kMany) * pipelines.per_second();
    print(name + "_pipeline", kMany, commands, many_theirs);
  }

  awaitable<void> block(std::string name, std::string theirs, Step step) {
    const Rate one = co_await measure(step, kOne);
    print(name, kOne, one.per_second(), python_.of(theirs));
    const Rate many = co_await measure(step, kMany);
    print(name, kMany, many.per_second());
  }

  template <class... Rivals>
  void print(const std::string& name, std::size_t size, double per_second,
             const Rivals&... rivals) {
    const Measurement measurement{
        "redis." + name + "." + std::to_string(size) + ".per_s", per_second, "1/s", {rivals...}};
    const std::string line = options_.json ? json_line(measurement) : row(measurement);
    std::fputs(line.c_str(), stdout);
    std::fflush(stdout);
  }

  RedisParts& parts_;
  const BenchRedisOptions& options_;
  PythonRivals python_;
};

}  // namespace

awaitable<int> run_bench_redis(const Env& env, BenchRedisOptions options) {
  const Executor executor = co_await net::this_coro::executor;
  RedisParts parts(env, executor, options.socket);
  RedisBench bench(parts, options);
  std::exception_ptr failure;
  try {
    co_await parts.open();
    co_await bench.run();
  } catch (...) {
    failure = std::current_exception();
  }
  co_await parts.close();
  if (failure) std::rethrow_exception(failure);
  co_return 0;
}

}  // namespace seendr::lab
