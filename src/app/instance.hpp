// One event loop of the server: its thread, its Redis connection, its HTTP server and sockets.
#pragma once

#include <memory>
#include <optional>
#include <thread>

#include "app/health.hpp"
#include "app/hub_thread.hpp"
#include "app/settings/config.hpp"
#include "http/static_files.hpp"
#include "runtime/offload.hpp"

namespace seendr::app {

// What the instances of a process have in common. All must outlive them.
struct InstanceParts {
  Env env;
  const Settings& settings;
  std::string redis_url;
  std::string cache_url;
  postgres::Database& database;
  postgres::Database* django_database;  // Null: there is no Django site beside.
  Users& users;
  Profiles& profiles;
  AccountTokens& account_tokens;
  AccountData& account_data;
  Notifications& notifications;
  Avatars& avatars;
  Offload& drawing;
  std::string public_url;  // Where people reach the server, for links.
  Moderation& moderation;
  auth::Passwords& passwords;
  Autocomplete& autocomplete;
  const PresenceBoard& board;
  const Health& health;
  const OriginRules& origins;
  const http::StaticFiles& files;
  const http::Networks& ops_networks;
  const http::ServerOptions& server_options;
  http::ConnectionCounts& counts;
};

class Instance {
 public:
  explicit Instance(InstanceParts parts);
  ~Instance();  // Requires: joined, or never started.

  // `on_end` is called on the instance's thread when it has drained, or failed.
  void start(http::Listener& listener, std::function<void()> on_end);

  // Redis and PostgreSQL were found: serves people from now on. Safe from any thread.
  void open(Hub& hub, const Vocabulary& vocabulary);

  // Stops accepting, tells every socket to go, and ends within `limit`. Safe from any thread; a
  // second call cuts everything at once.
  void drain(Millis limit);

  void join() { thread_.join(); }

 private:
  // Redis with the sessions of a Django site, and who is signed in there.
  struct DjangoSide {
    DjangoSide(const InstanceParts& parts, const Executor& executor, DjangoOptions options);

    redis::Client redis;
    DjangoPeople people;
  };

  awaitable<void> main(Acceptor acceptor);
  awaitable<void> drain_now(Millis limit);
  http::WebSocketRoute socket_route(std::string path);

  InstanceParts parts_;
  net::io_context io_{1};
  redis::Client redis_;
  auth::Sessions sessions_;
  auth::Tickets tickets_;
  std::optional<DjangoSide> django_;
  Limits limits_;
  redis::Client cache_redis_;
  cache::Cache cache_;
  Invalidator invalidator_;
  leaderboard::Trending trending_;
  JobQueue jobs_;
  AfterWork after_;
  Api api_;
  std::optional<UserSessions> user_sessions_;  // From open() on.
  http::Router router_;
  http::WebSocketRoutes routes_;
  http::Server server_;
  TaskGroup tasks_;
  net::cancellation_signal cut_;
  bool draining_ = false;
  std::thread thread_;
};

}  // namespace seendr::app
