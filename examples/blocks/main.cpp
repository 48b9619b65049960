// Every block over one Redis: blocks redis://127.0.0.1:6379
#include <cstdio>

#include "auth/sessions.hpp"
#include "cache/cache.hpp"
#include "channels/layer.hpp"
#include "leaderboard/board.hpp"
#include "ratelimit/rate_limiter.hpp"
#include "redis/client.hpp"
#include "runtime/sleep.hpp"
#include "runtime/task_group.hpp"
#include "tasks/message_format.hpp"

using namespace seendr;

namespace {

awaitable<std::string> load_name() {
  std::puts("loading the name");
  co_return "Ada";
}

awaitable<void> use_cache(const Env& env, redis::Client& redis) {
  cache::Cache names(env, redis, cache::CacheOptions());
  const cache::LoadOptions options;
  const std::function<awaitable<std::string>()> load = load_name;
  for (int i = 0; i < 2; ++i) {
    const std::string name = co_await names.get_or_load<std::string>("name:7", options, load);
    std::printf("the name is %s\n", name.c_str());
  }
  co_await names.close();
}

awaitable<void> use_limit(const Env& env, redis::Client& redis) {
  ratelimit::RateLimiter limiter(env, redis);
  ratelimit::Limit twice_a_minute;
  twice_a_minute.name = "hello";
  twice_a_minute.calls = 2;
  twice_a_minute.window = Millis(60'000);
  for (int call = 1; call <= 3; ++call) {
    const auto decision = co_await limiter.acquire(twice_a_minute, "user:7");
    std::printf("call %d %s\n", call, decision.allowed ? "passes" : "has to wait");
  }
}

awaitable<void> use_board(const Env& env, redis::Client& redis) {
  leaderboard::BoardOptions options;
  options.name = "interests";
  leaderboard::Board board(env, redis, options);
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

awaitable<void> use_sessions(const Env& env, redis::Client& redis) {
  auth::Sessions sessions(env, redis, auth::SessionOptions());
  const UserId ada{7};
  const SessionId id = co_await sessions.create(ada, "Firefox on Linux");
  const auto session = co_await sessions.resume(id);
  std::printf("user %s is signed in\n", session ? session->user.text().c_str() : "nobody");
}

// Does the work while the tasks run, and ends them, whatever becomes of it.
awaitable<void> work_beside(TaskGroup& tasks, awaitable<void> work) {
  std::exception_ptr failure;
  try {
    co_await std::move(work);
  } catch (...) {
    failure = std::current_exception();
  }
  tasks.cancel();
  co_await tasks.join();
  if (failure) std::rethrow_exception(failure);
}

awaitable<void> send_hello(channels::Layer& layer, const bool& heard) {
  co_await layer.group_add("room.1", layer.new_channel());
  const channels::Message hello({{"type", "chat.message"}, {"text", "hello"}});
  co_await layer.group_send("room.1", hello);
  for (int i = 0; i < 500 && !heard; ++i) co_await sleep_for(Millis(10));
}

// `inbox` belongs to the layer alone.
awaitable<void> use_channels(const Env& env, redis::Client& redis, redis::Client& inbox) {
  channels::Layer layer(env, redis, inbox, channels::LayerOptions());
  bool heard = false;
  const auto print = [&heard](const std::string&, const channels::Message& message) {
    std::printf("heard %s\n", message["text"].get<std::string>().c_str());
    heard = true;
  };
  TaskGroup tasks(inbox.executor(), [](const std::string&, std::exception_ptr) {});
  tasks.spawn("channels", layer.run(print));
  co_await work_beside(tasks, send_hello(layer, heard));
  co_await layer.close();
}

// What a Celery worker would take from the queue, and what it would store.
void use_tasks(const Env& env) {
  tasks::Message message;
  message.id = tasks::make_uuid(env.random);
  message.task = "probe.add";
  message.args = {2, 3};
  message.queue = "celery";
  message.delivery_tag = tasks::make_uuid(env.random);
  const result<tasks::Message> taken = tasks::decode(tasks::encode(message));
  if (!taken) return;
  std::printf("a task %s with %d arguments\n", taken->task.c_str(),
              static_cast<int>(taken->args.size()));
}

awaitable<void> use_all(const Env& env, redis::Client& redis, redis::Client& inbox) {
  co_await redis.wait_connected(Millis(5000));
  co_await use_cache(env, redis);
  co_await use_limit(env, redis);
  co_await use_board(env, redis);
  co_await use_sessions(env, redis);
  co_await use_channels(env, redis, inbox);
  use_tasks(env);
}

awaitable<void> run(const Env& env, redis::Url url) {
  const Executor executor = co_await net::this_coro::executor;
  redis::ClientOptions options;
  options.url = url;
  redis::Client redis(env, executor, options);
  redis::Client inbox(env, executor, options);
  TaskGroup tasks(executor, [](const std::string&, std::exception_ptr) {});
  tasks.spawn("redis", redis.run());
  tasks.spawn("inbox", inbox.run());
  co_await work_beside(tasks, use_all(env, redis, inbox));
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
