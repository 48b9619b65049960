// A part of the program in a process of its own, to be killed.
#pragma once

#include <csignal>
#include <functional>
#include <stdexcept>
#include <unistd.h>

#include "redis/client.hpp"
#include "runtime/task_group.hpp"
#include "support/env.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>

namespace seendr::tasks {

class ForkedProcess {
 public:
  // What the process does until it is killed: starts loops and runs `io`. `redis` is a connection
  // of its own.
  using Work =
      std::function<void(const Env&, redis::Client& redis, TaskGroup& loops, net::io_context& io)>;

  // The child has nothing of the parent but the memory it began with, and leaves without cleaning
  // up after it.
  ForkedProcess(const redis::Url& url, const Work& work) {
    static std::uint64_t seed = 1000;
    ++seed;  // Two of one seed would draw the same names.
    pid_ = fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) _exit(live(url, work, seed));
  }
  ForkedProcess(const ForkedProcess&) = delete;
  ForkedProcess& operator=(const ForkedProcess&) = delete;
  ~ForkedProcess() { kill9(); }

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
  static int live(const redis::Url& url, const Work& work, std::uint64_t seed) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    net::io_context io;
    const SystemClock clock;
    SeededRandom random(seed);
    Metrics metrics;
    const Env env{clock, random, Logger::silent(), metrics};
    redis::ClientOptions to;
    to.url = url;
    redis::Client redis(env, io.get_executor(), to);
    TaskGroup loops(io.get_executor(), [](const std::string&, std::exception_ptr) {});
    loops.spawn("redis", redis.run());
    work(env, redis, loops, io);
    return 0;
  }

  pid_t pid_ = -1;
  bool ended_ = false;
};

}  // namespace seendr::tasks
