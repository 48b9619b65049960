// A worker in a process of its own, to be killed.
#pragma once

#include <csignal>
#include <functional>
#include <stdexcept>
#include <unistd.h>

#include "runtime/task_group.hpp"
#include "support/env.hpp"
#include "tasks/worker.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>

namespace seendr::tasks {

class WorkerProcess {
 public:
  // Adds the kinds that the worker runs, in its process. `commands` is its connection to Redis.
  using AddKinds = std::function<void(Registry&, const Env&, redis::Client& commands)>;

  // The child has nothing of the parent but the memory it began with, and leaves without cleaning
  // up after it.
  WorkerProcess(const redis::Url& url, const WorkerOptions& options, const AddKinds& add_kinds) {
    static std::uint64_t seed = 1000;
    ++seed;  // Two of one seed would draw the same names.
    pid_ = fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) _exit(work(url, options, add_kinds, seed));
  }
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;
  ~WorkerProcess() { kill9(); }

  pid_t pid() const { return pid_; }
  void signal(int number) const { kill(pid_, number); }

  // Returns when it is gone.
  void kill9() {
    if (ended_) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    ended_ = true;
  }

  // Whether it ended by itself.
  bool ended() {
    ended_ = ended_ || waitpid(pid_, nullptr, WNOHANG) == pid_;
    return ended_;
  }

 private:
  static int work(const redis::Url& url, const WorkerOptions& options, const AddKinds& add_kinds,
                  std::uint64_t seed) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    net::io_context io;
    const SystemClock clock;
    SeededRandom random(seed);
    Metrics metrics;
    const Env env{clock, random, Logger::silent(), metrics};
    redis::ClientOptions to;
    to.url = url;
    redis::Client commands(env, io.get_executor(), to);
    redis::Client watching(env, io.get_executor(), to);
    TaskGroup tasks(io.get_executor(), [](const std::string&, std::exception_ptr) {});
    tasks.spawn("commands", commands.run());
    tasks.spawn("watching", watching.run());
    Registry registry;
    add_kinds(registry, env, commands);
    Worker worker(env, commands, watching, registry, options);
    tasks.spawn("worker", worker.run());
    io.run();
    return 0;
  }

  pid_t pid_ = -1;
  bool ended_ = false;
};

}  // namespace seendr::tasks
