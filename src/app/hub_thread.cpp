#include "app/hub_thread.hpp"

#include "app/settings/config.hpp"
#include "codec/crypto.hpp"
#include "postgres/migrations.hpp"
#include "redis/check.hpp"
#include "runtime/sleep.hpp"
#include "runtime/timeout.hpp"

namespace seendr::app {

namespace {

constexpr Millis kRestart{500};
constexpr Millis kWatch{250};
constexpr int kPingEvery = 8;  // Watches between two looks at a PostgreSQL that was there.
constexpr Millis kGoodbye{3000};
constexpr const char* kAliasKey = "seendr:app:alias_key";

class Fatal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace

HubThread::HubThread(Shared shared, std::string instance)
    : shared_(std::move(shared)), instance_(std::move(instance)) {}

HubThread::~HubThread() {
  if (thread_.joinable()) stop();
}

void HubThread::start() {
  net::co_spawn(io_, main(),
                net::bind_cancellation_slot(stop_.slot(), [this](std::exception_ptr error) {
                  if (error && !is_cancellation(error)) {
                    shared_.env.log.error("hub_failed", "error", what(error));
                    set_fatal("matching cannot go on: " + what(error));
                  }
                }));
  thread_ = std::thread([this] { io_.run(); });
}

void HubThread::stop() {
  net::post(io_, [this] { stop_.emit(net::cancellation_type::terminal); });
  thread_.join();
}

std::string HubThread::fatal() const {
  const std::lock_guard lock(mutex_);
  return fatal_;
}

void HubThread::set_fatal(std::string sentence) {
  {
    const std::lock_guard lock(mutex_);
    fatal_ = std::move(sentence);
  }
  on_change_();
}

awaitable<void> HubThread::main() {
  const Executor executor = io_.get_executor();
  const Env& env = shared_.env;
  const Settings& settings = shared_.settings;
  match::StateServer server(env, match_options(settings).shard);
  redis::ClientOptions options = redis_options(settings, shared_.redis_url, "seendr-hub");
  options.on_connect = server.greeting();
  redis::Client redis(env, executor, options);
  options.client_name = "seendr-tail";
  redis::Client tail(env, executor, options);
  options.client_name = "seendr-inbox";
  options.on_connect = nullptr;
  redis::Client inbox(env, executor, options);

  TaskGroup tasks(executor, [&env](const std::string& name, std::exception_ptr error) {
    env.log.error("loop_failed", "loop", name, "error", what(error));
  });
  tasks.spawn("redis", redis.run());
  tasks.spawn("tail", tail.run());
  tasks.spawn("inbox", inbox.run());
  tasks.spawn("watch", watch(redis));

  std::exception_ptr failure;
  try {
    const bool booted = co_await boot(redis);
    if (booted) {
      co_await serve(redis, tail, inbox, server);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  tasks.cancel();
  co_await tasks.join();
  if (failure) std::rethrow_exception(failure);
}

// Until Redis and PostgreSQL are there and fit; false when they never will.
awaitable<bool> HubThread::boot(redis::Client& redis) {
  for (;;) {
    std::string trouble;
    std::string fatal;
    try {
      co_await check_redis(redis);
      co_await check_database();
    } catch (const Fatal& error) {
      fatal = what(error);
    } catch (const system_error& error) {
      if (error.code() == net::error::operation_aborted) throw;
      trouble = what(error);
    }
    if (!fatal.empty()) {
      set_fatal(fatal);
      co_return false;
    }
    if (trouble.empty()) co_return true;
    shared_.env.log.warn("not_ready", "why", trouble);
    co_await sleep_for(kRestart);
  }
}

awaitable<void> HubThread::check_redis(redis::Client& redis) {
  redis::Command get("CONFIG", "GET", "maxmemory-policy");
  std::string policy;
  try {
    const redis::Reply reply = co_await redis.exec(std::move(get));
    if (reply.as_array().size() == 2) policy = reply.as_array()[1].text();
  } catch (const redis::ServerError& error) {
    policy = "unknown";  // CONFIG is renamed or not allowed on some hosted servers.
  }
  if (policy.starts_with("allkeys") && !shared_.settings.boolean("redis.allow_eviction")) {
    throw Fatal(
        "the state Redis has maxmemory-policy " + policy +
        ", which throws away sessions and people who wait; use noeviction there and a cache "
        "Redis of its own (CACHE_URL), or set redis.allow_eviction");
  }
  redis::Pipeline commands;
  commands.add("SET", kAliasKey, random_secret(shared_.env.random), "NX");
  commands.add("GET", kAliasKey);
  const std::vector<redis::Reply> replies = co_await redis.exec(std::move(commands));
  redis::throw_if_error(replies);
  alias_key_ = replies[1].text();
}

awaitable<void> HubThread::check_database() {
  co_await shared_.database.ping();
  // A blocking look at start; this thread has nobody to serve yet.
  if (postgres::schema_state(shared_.database_url) == postgres::Schema::behind) {
    throw Fatal("the database schema is behind this program; run seendr migrate");
  }
  std::vector<Interest> interests = co_await load_interests(shared_.database);
  vocabulary_ = std::make_unique<Vocabulary>(std::move(interests));
}

// Keeps /readyz true: what is away is said, and taken back when it is there again.
awaitable<void> HubThread::watch(redis::Client& redis) {
  for (int turn = 0;; ++turn) {
    Health& health = shared_.health;
    const bool away = !redis.connected();
    health.set("redis", away ? (redis.trouble().empty() ? "connecting" : redis.trouble()) : "");
    if (!shared_.database.reachable() || turn % kPingEvery == 0) {
      std::string trouble;
      try {
        co_await shared_.database.ping();
      } catch (const std::exception& error) {
        trouble = what(error);
      }
      health.set("postgres", trouble);
    }
    const Hub* hub = hub_.load();
    const bool waiting = hub && !hub->matchmaker().healthy();
    health.set("match", waiting ? hub->matchmaker().trouble() : "");
    co_await sleep_for(kWatch);
  }
}

awaitable<void> HubThread::serve(redis::Client& redis, redis::Client& tail, redis::Client& inbox,
                                 match::StateServer& server) {
  const Env& env = shared_.env;
  channels::Layer layer(env, redis, inbox, channels::LayerOptions{});
  Limits limits(env, redis, limit_rules(shared_.settings));
  leaderboard::Trending trending(env, redis, trending_options(shared_.settings));
  const HubParts parts{
      redis,        tail,          server, layer,   shared_.users, shared_.moderation,
      *vocabulary_, shared_.board, limits, trending};
  Hub hub(env, io_.get_executor(), parts, match_options(shared_.settings),
          hub_options(shared_.settings), instance_, alias_key_);
  PresenceKeeper keeper(
      env, redis, instance_, [&hub] { return hub.look(); }, shared_.board);
  TaskGroup loops(io_.get_executor(), [&env](const std::string& name, std::exception_ptr error) {
    env.log.error("loop_failed", "loop", name, "error", what(error));
  });
  channels::Layer::OnMessage on_message = [&hub](const std::string& channel,
                                                 const channels::Message& message) {
    hub.on_message(channel, message);
  };
  loops.spawn("layer", layer.run(std::move(on_message)));
  loops.spawn("presence", keeper.run());
  hub_.store(&hub, std::memory_order_release);
  on_change_();
  std::exception_ptr failure;
  try {
    co_await hub.run();
  } catch (...) {
    failure = std::current_exception();
  }
  co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  hub_.store(nullptr, std::memory_order_release);
  loops.cancel();
  co_await loops.join();
  // Others need not wait for our leases; but if Redis is away, they will have to.
  try {
    co_await with_timeout(keeper.close(), kGoodbye);
    co_await with_timeout(layer.close(), kGoodbye);
  } catch (const std::exception& error) {
    env.log.warn("goodbye_failed", "error", what(error));
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace seendr::app
