// Enqueues tasks, for workers in C++ or Python, and waits for their results.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/env.hpp"
#include "redis/client.hpp"
#include "redis/script.hpp"
#include "redis/subscriber.hpp"
#include "tasks/message_format.hpp"
#include "tasks/result_format.hpp"

namespace seendr::tasks {

struct Task {
  std::string name;
  json::array args = {};
  json::object kwargs = {};
  std::string queue = "celery";
  std::string id = {};              // Empty: a new one. Who may have to enqueue it again gives one.
  int priority = 0;                 // 0 (served first) to 9.
  Millis countdown{0};              // Not before; from now on.
  std::optional<Time> eta = {};     // The same as a point in time; wins over countdown.
  Millis expires{0};                // Not after, from now on; zero: never.
  Millis time_limit{0};             // Of one attempt; zero: what the worker allows.
  bool ignore_result = false;       // Neither success nor failure is stored.
  std::string unique = {};          // While another task with this text is young, a duplicate ...
  Millis unique_window{3'600'000};  // ... for this long after it was enqueued.
  json::object embed = {};          // callbacks, errbacks, chain, chord: docs/tasks.md.
};

struct ClientOptions {
  // Tasks of the future wait in the timers, from where any worker of Seendr's moves them. False:
  // they go to the queue at once, as Celery's, for queues that Python's workers alone serve.
  bool timers = true;
  std::size_t queue_limit = 1'000'000;  // Of messages in one list, or in the timers.
  Millis revoked_ttl{10'800'000};       // How long a revocation is known.
  std::size_t max_waiting = 10'000;     // Coroutines in await_result().
};

class Client {
 public:
  // `redis` must outlive the client, which is used on its executor.
  Client(const Env& env, redis::Client& redis, ClientOptions options = {});

  // Hears of results, for await_result(), until cancelled.
  awaitable<void> run();

  // Returns the id, or Errc::duplicate, overloaded, unavailable. After `unavailable` the task may
  // be enqueued or not: with an id of its own it may be enqueued again, and runs once if its
  // handler is idempotent. Requires: a name and a queue without line breaks.
  awaitable<result<std::string>> enqueue(Task task);

  // The result once it is final; Errc::not_finished after `limit`, overloaded, unavailable.
  // Requires: run().
  awaitable<result<Result>> await_result(std::string id, Millis limit);

  // What is stored now; State::pending when nothing is. Errc::unavailable.
  awaitable<result<Result>> look(std::string id);

  // A task that has not begun will not within `revoked_ttl`; one that runs is told
  // (TaskContext::cancelled). Python's
  // workers are told too, those that run now. Errc::unavailable.
  awaitable<result<void>> revoke(std::string id);

 private:
  class Waiter;

  awaitable<Message> message_of(const Task& task);
  awaitable<Result> wait(std::string id, Millis limit);
  awaitable<Result> read(const std::string& id);
  awaitable<Time> redis_time();
  void wake(const std::string& channel);
  redis::SubscriberEvents events();

  Env env_;
  redis::Client& redis_;
  ClientOptions options_;
  redis::Script enqueue_;
  redis::Script revoke_;
  std::string reply_to_;                         // Of all that it sends, as of a Celery process.
  std::multimap<std::string, Waiter*> waiters_;  // By channel.
  redis::Subscriber subscriber_;
};

}  // namespace seendr::tasks
