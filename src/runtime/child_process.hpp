// A program started as a child that runs with few rights and never outlives its parent.
//
// The child gets its own session (a terminal's Ctrl-C reaches only the parent), default signal
// handling, umask 077, no inherited descriptors, only the environment given, no_new_privs, and a
// signal from the kernel when the parent ends, even by SIGKILL. That signal is tied to the thread
// that forks, so each child has a small thread of its own, which forks it, passes on what it
// prints, reaps it, and then ends.
#pragma once

#include <csignal>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.hpp"
#include "runtime/net.hpp"
#include "runtime/system_place.hpp"

#include <sys/types.h>

namespace seendr {

struct ChildOptions {
  std::string program;                   // A path; PATH is not searched (see find_program).
  std::vector<std::string> arguments;    // Without the program itself.
  std::vector<std::string> environment;  // "KEY=value"; nothing is inherited.
  std::string directory = "/";           // Must be open to `identity`.
  std::string log_file;                  // stdout and stderr are appended here; created 0600.
  // Instead of `log_file`: called with each line of stdout and stderr, without its end, on the
  // child's own thread. Must not block. Lines beyond 4 KiB come in pieces.
  std::function<void(std::string_view line)> on_line;
  Identity identity;
  int parent_death_signal = SIGKILL;  // What the child gets when this process ends.
};

// May be used from any thread, by one at a time.
class ChildProcess {
 public:
  // Returns once the program runs. Throws system_error that says what could not be done
  // ("cannot execute /usr/bin/x: No such file or directory").
  static ChildProcess start(ChildOptions options);

  ChildProcess(ChildProcess&&) noexcept;
  ChildProcess& operator=(ChildProcess&&) noexcept;
  ~ChildProcess();  // Kills the child's process group if it still runs, and reaps the child.

  pid_t pid() const;
  bool running() const;

  // As a shell says it: the exit code, or 128 plus the signal that ended it. nullopt while it runs.
  std::optional<int> exit_status() const;

  // Sends a signal; does nothing once the child has ended.
  void signal(int number);

  // Whether the child ended within `limit`. The first blocks the thread, the second only the
  // coroutine.
  bool wait(Millis limit) const;
  awaitable<bool> ended(Millis limit) const;

 private:
  struct State;
  explicit ChildProcess(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace seendr
