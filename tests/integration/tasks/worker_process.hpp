// A worker in a process of its own, to be killed.
#pragma once

#include "tasks/worker.hpp"

#include "forked_process.hpp"

namespace seendr::tasks {

class WorkerProcess : public ForkedProcess {
 public:
  // Adds the kinds that the worker runs, in its process. `commands` is its connection to Redis.
  using AddKinds = std::function<void(Registry&, const Env&, redis::Client& commands)>;

  WorkerProcess(const redis::Url& url, const WorkerOptions& options, const AddKinds& add_kinds)
      : ForkedProcess(url, [&](const Env& env, redis::Client& commands, TaskGroup& loops,
                               net::io_context& io) {
          redis::Client watching(env, io.get_executor(), commands.options());
          loops.spawn("watching", watching.run());
          Registry registry;
          add_kinds(registry, env, commands);
          Worker worker(env, commands, watching, registry, options);
          loops.spawn("worker", worker.run());
          io.run();
        }) {}
};

}  // namespace seendr::tasks
