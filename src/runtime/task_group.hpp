// Owns the coroutines that run beside their creator, so that none is detached.
#pragma once

#include <functional>
#include <list>
#include <string>

#include "runtime/net.hpp"

namespace seendr {

// Children run on the group's executor, one thread. The owner cancels and then joins the group
// before anything the children borrow is destroyed:
//
//   TaskGroup tasks(executor, on_failure);
//   tasks.spawn("reader", read_loop(std::move(socket)));
//   ...
//   tasks.cancel();
//   co_await tasks.join();
class TaskGroup {
 public:
  // Called once for each child that ended with an exception other than operation_aborted.
  using OnFailure = std::function<void(const std::string& name, std::exception_ptr error)>;

  TaskGroup(Executor executor, OnFailure on_failure);
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup();  // Requires: joined, size() == 0.

  // Starts `body` as a child. `name` appears in the failure report. After cancel() nothing starts.
  void spawn(std::string name, awaitable<void> body);

  // Asks every child to stop at its next suspension point. Returns at once.
  void cancel();

  // Completes when no child is left.
  awaitable<void> join();

  std::size_t size() const { return children_.size(); }

 private:
  struct Child {
    std::string name;
    net::cancellation_signal signal;
  };

  void finish(std::list<Child>::iterator child, std::exception_ptr error);

  Executor executor_;
  OnFailure on_failure_;
  std::list<Child> children_;
  Timer empty_;  // Never expires; cancelled when the last child ends.
  bool cancelled_ = false;
};

}  // namespace seendr
