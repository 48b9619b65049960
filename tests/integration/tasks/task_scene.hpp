// Handlers that a test watches and holds up.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "task_host.hpp"

namespace seendr::tasks {

// What the handlers of a test see and do.
struct Scene {
  std::vector<SteadyTime> calls;
  int running = 0;
  int most = 0;  // At once.
  bool open = true;
  bool was_cancelled = false;
};

// Fails until its third attempt.
inline awaitable<json::value> third_time(TaskContext& task, Scene& scene) {
  scene.calls.push_back(std::chrono::steady_clock::now());
  if (task.attempt() < 3) throw TaskError("ValueError", json::array(1, task.attempt()));
  co_return task.attempt();
}

// Waits until the scene is open; counts who else does.
inline awaitable<json::value> waiting(TaskContext& task, Scene& scene) {
  scene.calls.push_back(std::chrono::steady_clock::now());
  scene.most = std::max(scene.most, ++scene.running);
  std::exception_ptr failure;
  try {
    while (!scene.open) {
      co_await sleep_for(1ms);
      scene.was_cancelled = scene.was_cancelled || task.cancelled();
      if (task.cancelled()) throw std::runtime_error("cancelled");
    }
  } catch (...) {
    failure = std::current_exception();
  }
  --scene.running;
  if (failure) std::rethrow_exception(failure);
  co_return nullptr;
}

inline awaitable<json::value> reporting(TaskContext& task, Scene& scene) {
  json::object meta;
  meta["done"] = 3;
  co_await task.progress(std::move(meta));
  co_return co_await waiting(task, scene);
}

using Body = awaitable<json::value> (*)(TaskContext&, Scene&);

class SceneTest : public TasksTest {
 protected:
  void on(std::string name, KindOptions options, Body body) {
    registry.on(std::move(name), std::move(options),
                [this, body](TaskContext& task) { return body(task, scene); });
  }

  static KindOptions with_retries(int max) {
    KindOptions options;
    options.retry.max = max;
    options.retry.base = 20ms;
    options.retry.cap = 40ms;
    return options;
  }

  awaitable<bool> calls(std::size_t count) {
    const std::function<bool()> enough = [this, count] {
      return scene.calls.size() >= count;
    };
    co_return co_await test::becomes(enough, 9s);
  }

  // Whether the state that is stored becomes `wanted`.
  awaitable<bool> state_becomes(std::string id, State wanted) {
    for (int i = 0; i < 2500; ++i) {
      const result<Result> seen = co_await client.look(id);
      if (seen && seen->state == wanted) co_return true;
      co_await sleep_for(2ms);
    }
    co_return false;
  }

  Scene scene;
};

}  // namespace seendr::tasks
