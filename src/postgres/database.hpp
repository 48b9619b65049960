// PostgreSQL as one awaitable call: a function that runs in a transaction on one of a few threads.
#pragma once

#include <atomic>
#include <concepts>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include <pqxx/pqxx>

#include "base/env.hpp"
#include "postgres/error.hpp"
#include "runtime/backoff.hpp"
#include "runtime/net.hpp"

namespace seendr::postgres {

struct DatabaseOptions {
  std::string url;                 // Any libpq connection URI.
  std::size_t threads = 4;         // Each has one connection, made when first needed.
  std::size_t queue_limit = 1024;  // Calls waiting at once.
  Millis wait_limit{2000};         // How long a call may wait for a thread.
  Millis statement_timeout{5000};  // How long one statement may run; enforced by PostgreSQL.
  Millis call_limit{15'000};       // How long a call may take, after wait_limit, in the worst case.
  Millis connect_timeout{3000};    // libpq counts in whole seconds, at least 2.
};

// A call waiting for its transaction; shared by the waiting coroutine and the thread.
class Job;

// May be used from any event loop. Must outlive the coroutines that wait for it.
class Database {
 public:
  Database(const Env& env, DatabaseOptions options);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Waiting calls fail; running ones get two seconds, then their connections are cut.
  ~Database();

  // Runs `function(pqxx::work&)` in a transaction, commits, and returns what it returned, on the
  // caller's executor. It runs on another thread and, after a serialization failure or a deadlock,
  // up to three times more: it may touch only what it captured by value. (Name it before the
  // co_await.)
  //
  // An exception of `function` undoes the transaction and is rethrown: pqxx::unique_violation and
  // its like reach the caller. Throws system_error with an Errc of this module when the database is
  // overloaded, too slow or gone. While it is known to be gone, a call fails at once.
  // A cancelled call that has begun may still be committed.
  template <class F>
  requires std::invocable<F&, pqxx::work&> awaitable<std::invoke_result_t<F&, pqxx::work&>> run(
      F function) {
    using T = std::invoke_result_t<F&, pqxx::work&>;
    using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
    auto value = std::make_shared<std::optional<Stored>>();
    std::function<void(pqxx::work&)> body = [value,
                                             f = std::move(function)](pqxx::work& tx) mutable {
      if constexpr (std::is_void_v<T>) {
        f(tx);
      } else {
        value->emplace(f(tx));
      }
    };
    co_await execute(std::move(body));
    if constexpr (!std::is_void_v<T>) co_return std::move(**value);
  }

  // Whether the last attempt to use the database found it. True before the first.
  bool reachable() const { return reachable_; }

  // Makes a round trip; throws as run() does.
  awaitable<void> ping();

  // Calls whose transaction was begun, since the start.
  std::uint64_t queries() const { return queries_; }

 private:
  struct Worker;
  struct Probe;

  awaitable<void> execute(std::function<void(pqxx::work&)> body);
  void submit(const std::shared_ptr<Job>& job);

  void serve(Worker& worker);
  std::shared_ptr<Job> next_job();
  void process(Worker& worker, Job& job);
  void transact(Worker& worker, const std::function<void(pqxx::work&)>& body);
  void attempt(Worker& worker, const std::function<void(pqxx::work&)>& body);
  void connect(Worker& worker);
  void disconnect(Worker& worker);
  void claim_attempt();

  const Env env_;
  const DatabaseOptions options_;
  const std::string url_;
  std::unique_ptr<Probe> probe_;
  std::atomic<bool> reachable_{true};
  std::atomic<std::uint64_t> queries_{0};

  std::mutex mutex_;  // Guards what follows.
  std::condition_variable work_;
  std::condition_variable idle_;
  std::deque<std::shared_ptr<Job>> queue_;
  std::size_t busy_ = 0;
  bool stopping_ = false;
  Backoff backoff_;
  std::chrono::steady_clock::time_point next_attempt_{};  // While not reachable.
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace seendr::postgres
