// The thread of the hub: its event loop, its Redis connections, and what has to be there before the
// first person can be served.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "app/health.hpp"
#include "app/people/hub.hpp"
#include "app/settings/settings.hpp"
#include "base/env.hpp"
#include "postgres/database.hpp"

namespace seendr::app {

// Parts of the process that the hub shares with the event loops. All must outlive the thread.
struct Shared {
  Env env;
  const Settings& settings;
  std::string redis_url;
  std::string database_url;
  postgres::Database& database;
  Users& users;
  Moderation& moderation;
  PresenceBoard& board;
  Health& health;
};

class HubThread {
 public:
  HubThread(Shared shared, std::string instance);
  ~HubThread();  // Requires: stopped.

  void start();

  // What is there once Redis and PostgreSQL were found, and stays until stop(); nullptr before.
  // With it, vocabulary() is there too.
  Hub* hub() const { return hub_.load(std::memory_order_acquire); }
  const Vocabulary& vocabulary() const { return *vocabulary_; }

  // A sentence when the process cannot go on: eviction, a schema that is behind. Empty otherwise.
  std::string fatal() const;

  // Called on the hub's thread when hub() or fatal() is there.
  void on_change(std::function<void()> call) { on_change_ = std::move(call); }

  // Ends everything and joins the thread. Requires: no event loop uses the hub any more.
  void stop();

 private:
  awaitable<void> main();
  awaitable<bool> boot(redis::Client& redis);
  awaitable<void> check_redis(redis::Client& redis);
  awaitable<void> check_database();
  awaitable<void> watch(redis::Client& redis);
  awaitable<void> serve(redis::Client& redis, redis::Client& tail, redis::Client& inbox,
                        match::StateServer& server);
  void set_fatal(std::string sentence);

  Shared shared_;
  std::string instance_;
  net::io_context io_{1};
  net::cancellation_signal stop_;
  std::thread thread_;
  std::unique_ptr<Vocabulary> vocabulary_;
  std::string alias_key_;
  std::atomic<Hub*> hub_{nullptr};
  std::function<void()> on_change_ = [] {
  };
  mutable std::mutex mutex_;
  std::string fatal_;
};

}  // namespace seendr::app
