// A handler of batches that a test watches and holds up.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "task_host.hpp"

namespace seendr::tasks {

using Ids = std::vector<std::string>;

// What the handler of a test sees and does.
struct BatchScene {
  std::vector<Ids> calls;       // The ids of each, sorted.
  std::set<std::string> fails;  // Ids that fail alone.
  std::set<std::string> told;   // Ids that saw cancelled().
  int broken = 0;               // So many calls throw.
  int running = 0;
  int most = 0;  // At once.
  bool open = true;
};

inline awaitable<void> together(std::span<TaskContext* const> tasks, BatchScene& scene) {
  Ids ids;
  for (const TaskContext* task : tasks) ids.push_back(task->id());
  std::sort(ids.begin(), ids.end());
  scene.calls.push_back(std::move(ids));
  scene.most = std::max(scene.most, ++scene.running);
  std::exception_ptr stopped;
  try {
    while (!scene.open) {
      co_await sleep_for(1ms);
      for (const TaskContext* task : tasks) {
        if (task->cancelled()) scene.told.insert(task->id());
      }
    }
  } catch (...) {
    stopped = std::current_exception();
  }
  --scene.running;
  if (stopped) std::rethrow_exception(stopped);
  for (TaskContext* task : tasks) {
    const TaskError refused("ValueError", json::array(1, json::value(task->id())));
    if (scene.fails.count(task->id()) > 0) task->fail(std::make_exception_ptr(refused));
  }
  if (scene.broken > 0) {
    --scene.broken;
    throw TaskError("OSError", json::array());
  }
}

class BatchTest : public TasksTest {
 protected:
  void on_batch(std::size_t max, Millis wait, KindOptions options = {}) {
    registry.on_batch(
        "write", std::move(options), BatchOptions{max, wait},
        [this](std::span<TaskContext* const> tasks) { return together(tasks, scene); });
  }

  static Task write(std::string id) {
    Task one = task("write");
    one.id = std::move(id);
    return one;
  }

  awaitable<void> enqueue_all(std::string ids) {
    for (const char id : ids) {
      co_await enqueued(write(std::string(1, id)));
    }
  }

  awaitable<void> expect_states(std::string ids, State wanted) {
    for (const char id : ids) {
      const Result result = co_await result_of(std::string(1, id));
      EXPECT_EQ(result.state, wanted) << id;
    }
  }

  awaitable<bool> calls(std::size_t count) {
    const std::function<bool()> enough = [this, count] {
      return scene.calls.size() >= count;
    };
    co_return co_await test::becomes(enough, 5s);
  }

  // Ends the worker's hold of the message with this id, as if another had found it.
  awaitable<void> lose(std::string id) {
    const redis::Command all("HGETALL", std::string_view(kHeldKey));
    const redis::Reply reply = co_await redis().exec(all);
    const std::vector<redis::Reply>& parts = reply.as_array();
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
      const std::string record = parts[i + 1].text();
      const result<Message> message = decode(record.substr(record.find('\n') + 1));
      if (!message || message->id != id) continue;
      const std::string delivery = parts[i].text();
      co_await number("ZREM", std::string_view(kLeasesKey), delivery);
      co_await number("HDEL", std::string_view(kHeldKey), delivery);
    }
  }

  BatchScene scene;
};

}  // namespace seendr::tasks
