#include "runtime/task_group.hpp"

#include <cassert>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace seendr {

TaskGroup::TaskGroup(Executor executor, OnFailure on_failure)
    : executor_(executor),
      on_failure_(std::move(on_failure)),
      empty_(executor_, Timer::time_point::max()) {}

TaskGroup::~TaskGroup() {
  assert(children_.empty());
}

void TaskGroup::spawn(std::string name, awaitable<void> body) {
  if (cancelled_) return;
  auto child = children_.emplace(children_.end());
  child->name = std::move(name);
  net::co_spawn(
      executor_, std::move(body),
      net::bind_cancellation_slot(
          child->signal.slot(), [this, child](std::exception_ptr error) { finish(child, error); }));
}

void TaskGroup::cancel() {
  cancelled_ = true;
  std::vector<net::cancellation_signal*> signals;  // A child may end while we emit.
  for (auto& child : children_) signals.push_back(&child.signal);
  for (auto* signal : signals) signal->emit(net::cancellation_type::terminal);
}

awaitable<void> TaskGroup::join() {
  while (!children_.empty()) {
    co_await empty_.async_wait(net::as_tuple(use_awaitable));
  }
}

void TaskGroup::finish(std::list<Child>::iterator child, std::exception_ptr error) {
  std::string name = std::move(child->name);
  children_.erase(child);
  if (error && !is_cancellation(error)) on_failure_(name, error);
  if (children_.empty()) empty_.cancel();
}

}  // namespace seendr
