// What a worker shows to Celery's tools and workers, and hears from them: `celery status`, `celery
// inspect`, `celery control`, Flower.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/env.hpp"
#include "redis/client.hpp"
#include "redis/script.hpp"
#include "redis/subscriber.hpp"
#include "runtime/task_group.hpp"
#include "tasks/control.hpp"
#include "tasks/queues.hpp"

namespace seendr::tasks {

struct RemoteOptions {
  std::string node;  // "seendr@host"; unique. Empty: revocations are heard, nothing is shown.
  bool task_events = false;  // From the start; tools switch them on and off.
  Millis heartbeat{2000};
};

// A task that a worker has.
struct KnownTask {
  std::string id;
  std::string name;
  json::array args;
  json::object kwargs;
  std::string queue;
  double started = 0;  // Unix time in seconds; zero: not yet.
};

// A worker as it is now.
struct Snapshot {
  std::vector<KnownTask> tasks;
  std::vector<std::string> registered;
  std::vector<std::string> queues;
  std::map<std::string, std::uint64_t> totals;  // Tasks taken since it began, by name.
  std::size_t concurrency = 0;
};

class Remote {
 public:
  // All must outlive this, which is used on the client's executor. `look` must not throw.
  Remote(const Env& env, redis::Client& redis, Queues& queues, RemoteOptions options,
         std::function<Snapshot()> look);

  // Hears, answers and tells, until cancelled.
  awaitable<void> run();

  // "task-received", with the fields of that event besides those that all have. Told soon, with
  // others; dropped when nobody wants events.
  void event(std::string_view type, json::object fields);
  bool wants_events() const { return events_ && !options_.node.empty(); }

 private:
  redis::SubscriberEvents listening();
  void received(const std::string& envelope);
  awaitable<void> answer(ControlRequest request);
  awaitable<json::value> answer_to(ControlRequest request);
  json::value know(const ControlRequest& request);
  json::value stats(const Snapshot& now);
  json::object request_of(const KnownTask& task) const;
  awaitable<std::vector<std::string>> revoked();
  awaitable<void> beat();
  awaitable<void> flush();
  awaitable<void> tell_buffered();
  awaitable<void> tell_of_worker(std::string type);
  awaitable<void> publish(json::value body, std::string routing_key);
  json::object stamped(std::string_view type);

  Env env_;
  redis::Client& redis_;
  Queues& queues_;
  RemoteOptions options_;
  std::function<Snapshot()> look_;
  bool events_;
  std::int64_t clock_ = 0;  // Lamport's.
  std::chrono::steady_clock::time_point began_;
  json::array buffered_;  // Events to be told.
  redis::Script answer_;
  redis::Subscriber subscriber_;
  TaskGroup answers_;
};

}  // namespace seendr::tasks
