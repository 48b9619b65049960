// A cache, a limit and a leaderboard over one Redis: blocks redis://127.0.0.1:6379
#include <cstdio>

#include "cache/cache.hpp"
#include "leaderboard/board.hpp"
#include "ratelimit/rate_limiter.hpp"
#include "redis/client.hpp"
#include "runtime/task_group.hpp"

using namespace seendr;

namespace {

awaitable<std::string> load_name() {
  std::puts("loading the name");
  co_return "Ada";
}

awaitable<void> use(const Env& env, redis::Client& redis) {
  cache::Cache names(env, redis, cache::CacheOptions());
  const cache::LoadOptions options;
  const std::function<awaitable<std::string>()> load = load_name;
  for (int i = 0; i < 2; ++i) {
    const std::string name = co_await names.get_or_load<std::string>("name:7", options, load);
    std::printf("the name is %s\n", name.c_str());
  }
  co_await names.close();

  ratelimit::RateLimiter limiter(env, redis);
  ratelimit::Limit twice_a_minute;
  twice_a_minute.name = "hello";
  twice_a_minute.calls = 2;
  twice_a_minute.window = Millis(60'000);
  for (int call = 1; call <= 3; ++call) {
    const auto decision = co_await limiter.acquire(twice_a_minute, "user:7");
    std::printf("call %d %s\n", call, decision.allowed ? "passes" : "has to wait");
  }

  leaderboard::BoardOptions board_options;
  board_options.name = "interests";
  leaderboard::Board board(env, redis, board_options);
  const std::vector<leaderboard::Scope> everybody(1);
  for (const char* interest : {"chess", "music", "music"}) {
    leaderboard::Vote vote;
    vote.name = interest;
    co_await board.increment(everybody, vote);
  }
  const leaderboard::Scope all;
  for (const auto& place : co_await board.top(all, leaderboard::Window::hour, 10)) {
    std::printf("%d. %s (%.0f)\n", static_cast<int>(place.rank), place.name.c_str(), place.score);
  }
}

awaitable<void> run(const Env& env, redis::Url url) {
  const Executor executor = co_await net::this_coro::executor;
  redis::ClientOptions options;
  options.url = url;
  redis::Client redis(env, executor, options);
  TaskGroup tasks(executor, [](const std::string&, std::exception_ptr) {});
  tasks.spawn("redis", redis.run());
  std::exception_ptr failure;
  try {
    co_await redis.wait_connected(Millis(5000));
    co_await use(env, redis);
  } catch (...) {
    failure = std::current_exception();
  }
  tasks.cancel();
  co_await tasks.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

int main(int argc, char** argv) {
  const auto url = redis::parse_url(argc > 1 ? argv[1] : "redis://127.0.0.1:6379");
  if (!url) {
    std::fprintf(stderr, "usage: blocks REDIS_URL\n");
    return 2;
  }
  SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  const Env env{clock, random, Logger(LogFormat::human, LogLevel::warn), metrics};
  net::io_context io;
  std::exception_ptr failure;
  net::co_spawn(io, run(env, *url), [&failure](std::exception_ptr error) { failure = error; });
  io.run();
  if (!failure) return 0;
  std::fprintf(stderr, "blocks: %s\n", what(failure).c_str());
  return 1;
}
