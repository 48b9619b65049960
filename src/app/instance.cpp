#include "app/instance.hpp"

#include <algorithm>

#include "app/rest/ops.hpp"
#include "app/socket/farewell.hpp"
#include "cache/keys.hpp"
#include "redis/connection.hpp"

namespace seendr::app {

namespace {

constexpr Millis kAfterWork{5000};  // For what requests left behind, once all are answered.

// While a process has no connection to the cache it cannot tell it what changed. So when it has one
// again it first makes everything absent that shows people or interests, before any read.
awaitable<void> forget_people(redis::Connection& connection) {
  const cache::CacheOptions options = cache_options();
  const cache::Keys keys(options.prefix, options.version);
  redis::Command forget("UNLINK", keys.tag(cache_tag::kInterests), keys.tag(cache_tag::kProfiles));
  co_await connection.exec(std::move(forget));
}

awaitable<void> nothing() {
  co_return;
}

redis::ClientOptions cache_redis_options(const InstanceParts& parts) {
  redis::ClientOptions options = redis_options(parts.settings, parts.cache_url, "seendr-cache");
  const auto again = std::make_shared<bool>(false);
  options.on_connect = [again](redis::Connection& connection) {
    return std::exchange(*again, true) ? forget_people(connection) : nothing();
  };
  return options;
}

std::string django_cache_url(const InstanceParts& parts) {
  const std::string url = parts.settings.text("django.cache_url");
  return url.empty() ? parts.cache_url : url;
}

awaitable<http::UpgradeDecision> refuse_now(http::Request request) {
  http::Problem problem{503, "overloaded", "The server is starting, or about to stop."};
  co_return http::UpgradeDecision::refuse(http::problem(request, std::move(problem)));
}

}  // namespace

Instance::DjangoSide::DjangoSide(const InstanceParts& parts, const Executor& executor,
                                 DjangoOptions options)
    : redis(parts.env, executor,
            redis_options(parts.settings, django_cache_url(parts), "seendr-django")),
      people(parts.env, redis, *parts.django_database, parts.database, std::move(options)) {}

Instance::Instance(InstanceParts parts)
    : parts_(std::move(parts)),
      redis_(parts_.env, io_.get_executor(),
             redis_options(parts_.settings, parts_.redis_url, "seendr-serve")),
      sessions_(parts_.env, redis_, session_options(parts_.settings)),
      tickets_(parts_.env, redis_,
               std::chrono::seconds(parts_.settings.integer("auth.ticket_ttl_s"))),
      limits_(parts_.env, redis_, limit_rules(parts_.settings)),
      cache_redis_(parts_.env, io_.get_executor(), cache_redis_options(parts_)),
      cache_(parts_.env, cache_redis_, cache_options()),
      invalidator_(parts_.env, parts_.database, cache_,
                   [this] { return api_.hub ? api_.hub->told_matches() : 0; }),
      trending_(parts_.env, redis_, trending_options(parts_.settings)),
      jobs_(parts_.env, redis_),
      after_(parts_.env, io_.get_executor()),
      api_{parts_.env,
           parts_.users,
           parts_.moderation,
           sessions_,
           tickets_,
           parts_.passwords,
           parts_.autocomplete,
           parts_.board,
           parts_.origins,
           limits_,
           cache_,
           cache_redis_,
           invalidator_,
           trending_,
           parts_.profiles,
           parts_.account_tokens,
           jobs_,
           parts_.public_url,
           parts_.account_data,
           parts_.notifications,
           parts_.avatars,
           parts_.drawing,
           after_,
           nullptr,
           api_options(parts_.settings)},
      routes_{socket_route("/ws/matching/"), socket_route("/ws")},
      server_(parts_.env, io_.get_executor(), router_, routes_, parts_.server_options,
              parts_.counts),
      tasks_(io_.get_executor(),
             [log = parts_.env.log](const std::string& name, std::exception_ptr e) {
               log.error("loop_failed", "loop", name, "error", what(e));
             }) {
  std::optional<DjangoOptions> django = django_options(parts_.settings);
  if (django) {
    django_.emplace(parts_, io_.get_executor(), std::move(*django));
    api_.django = &django_->people;
  }
  add_ops_routes(router_, parts_.health, parts_.env.metrics, parts_.ops_networks);
  add_account_end_routes(router_, api_);
  add_auth_routes(router_, api_);
  add_avatar_routes(router_, api_);
  add_me_routes(router_, api_);
  add_interest_routes(router_, api_);
  add_block_routes(router_, api_);
  add_matching_routes(router_, api_);
  add_notification_routes(router_, api_);
  add_page_routes(router_, api_);
  add_profile_routes(router_, api_);
  add_recovery_routes(router_, api_);
  add_session_routes(router_, api_);
  add_trending_routes(router_, api_);
  router_.fallback([&files = parts_.files](const http::Request& request) {
    std::optional<http::Response> found = files.find(request);
    if (found) return http::at_once(std::move(*found));
    return http::at_once(
        http::problem(request, http::Problem{404, "not_found", "There is nothing here."}));
  });
}

Instance::~Instance() = default;

http::WebSocketRoute Instance::socket_route(std::string path) {
  return http::WebSocketRoute{std::move(path),
                              [this](http::Request request) {
                                const bool serves = user_sessions_ && !draining_;
                                return serves ? user_sessions_->decide(std::move(request))
                                              : refuse_now(std::move(request));
                              },
                              [this](std::shared_ptr<http::WebSocket> socket, std::any context) {
                                return user_sessions_->serve(std::move(socket), std::move(context));
                              }};
}

void Instance::start(http::Listener& listener, std::function<void()> on_end) {
  net::co_spawn(io_, main(listener.acceptor(io_.get_executor())),
                net::bind_cancellation_slot(
                    cut_.slot(), [this, on_end = std::move(on_end)](std::exception_ptr error) {
                      if (error && !is_cancellation(error)) {
                        parts_.env.log.error("instance_failed", "error", what(error));
                      }
                      on_end();
                    }));
  thread_ = std::thread([this] { io_.run(); });
}

awaitable<void> Instance::main(Acceptor acceptor) {
  tasks_.spawn("redis", redis_.run());
  tasks_.spawn("cache_redis", cache_redis_.run());
  tasks_.spawn("cache", cache_.run());
  if (django_) tasks_.spawn("django_redis", django_->redis.run());
  std::exception_ptr failure;
  try {
    co_await server_.run(std::move(acceptor));
  } catch (...) {
    failure = std::current_exception();
  }
  co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  // Who was told to stop at once does not wait for it.
  const Millis patience = failure ? Millis(0) : kAfterWork;
  co_await after_.close(patience);
  co_await cache_.close();
  tasks_.cancel();
  co_await tasks_.join();
  if (failure) std::rethrow_exception(failure);
}

void Instance::open(Hub& hub, const Vocabulary& vocabulary) {
  net::post(io_, [this, &hub, &vocabulary] {
    api_.hub = &hub;
    api_.vocabulary = &vocabulary;
    tasks_.spawn("invalidator", invalidator_.run());
    user_sessions_.emplace(parts_.env, sessions_, tickets_, api_.django, parts_.users, hub,
                           parts_.origins, user_session_options(parts_.settings));
    tasks_.spawn("user_sessions", user_sessions_->run());
  });
}

void Instance::drain(Millis limit) {
  net::post(io_, [this, limit] {
    if (std::exchange(draining_, true)) {
      server_.cut();
      cut_.emit(net::cancellation_type::terminal);
      return;
    }
    tasks_.spawn("drain", drain_now(limit));
  });
}

// Most of the time for everybody to go at a moment of their own, the rest for what is slow to end.
awaitable<void> Instance::drain_now(Millis limit) {
  const std::int64_t end = parts_.env.clock.now_ms() + limit.count();
  server_.stop_accepting();
  co_await say_farewell(parts_.env, server_, limit * 4 / 5);
  const Millis left(std::max<std::int64_t>(0, end - parts_.env.clock.now_ms()));
  co_await server_.drain(left);
}

}  // namespace seendr::app
