// A real redis-server of the test's own, and a fixture with a client and an empty database.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "redis/client.hpp"
#include "redis/server.hpp"
#include "runtime/sleep.hpp"
#include "runtime/task_group.hpp"
#include "support/env.hpp"
#include "support/run.hpp"

namespace seendr::test {

// The code a coroutine fails with; no error when it does not.
template <class T>
awaitable<error_code> failure_of(awaitable<T> work) {
  try {
    co_await std::move(work);
  } catch (const system_error& error) {
    co_return error.code();
  }
  co_return error_code();
}

// Waits for what must become true within `limit`; returns whether it did.
inline awaitable<bool> becomes(std::function<bool()> condition, Millis limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) co_return false;
    co_await sleep_for(Millis(2));
  }
  co_return true;
}

// Runs `work` beside the test and puts its result into `into`, which must outlive it.
template <class T>
void start(net::io_context& io, awaitable<T> work, std::optional<T>& into) {
  net::co_spawn(io, std::move(work), [&into](std::exception_ptr error, T value) {
    if (error) {
      ADD_FAILURE() << what(error);
    } else {
      into = std::move(value);
    }
  });
}

// Lives in a temporary directory that goes with it.
class RedisServer {
 public:
  struct Options {
    bool durable = false;                // Append-only file, so that data survives kill9().
    std::vector<std::string> arguments;  // More redis-server arguments, e.g. "--port", "7001".
  };

  RedisServer();
  explicit RedisServer(Options options);
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;
  ~RedisServer();

  void kill9();    // SIGKILL; returns when it is gone.
  void start();    // After kill9() or stop(): the same socket and data.
  void restart();  // kill9() and start().
  void pause();    // SIGSTOP: it stays connected and does not answer.
  void resume();   // SIGCONT.

  redis::Url url(int db = 0) const;  // Of the unix socket.
  std::string url_text(int db = 0) const;
  const std::filesystem::path& directory() const { return directory_; }

 private:
  Options options_;
  std::filesystem::path directory_;
  std::optional<redis::Server> server_;
};

// One server a test executable, one emptied database a test. Nothing but redis() runs on io().
class RedisTest : public ::testing::Test {
 protected:
  RedisTest();
  ~RedisTest() override;

  net::io_context& io() { return io_; }
  Env env() { return env_.real(); }
  Metrics& metrics() { return env_.metrics; }
  redis::Client& redis() { return *client_; }
  RedisServer& server();

  // Another client of the same database, running until the test ends. `adjust` may change its
  // options before it starts.
  redis::Client& another_client(std::function<void(redis::ClientOptions&)> adjust = {});

  // Runs `body`, a lambda that returns awaitable<void>, to its end; see support/run.hpp.
  template <class Body>
  void run(Body body, std::chrono::seconds limit = std::chrono::seconds(10)) {
    test::run(io_, std::move(body), limit);
  }

  TestEnv env_;
  net::io_context io_;

 private:
  std::vector<std::unique_ptr<redis::Client>> clients_;
  std::optional<TaskGroup> tasks_;
  redis::Client* client_ = nullptr;
};

}  // namespace seendr::test
