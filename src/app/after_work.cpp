#include "app/after_work.hpp"

#include "base/error.hpp"
#include "runtime/timeout.hpp"

namespace seendr::app {

AfterWork::AfterWork(const Env& env, Executor executor, std::size_t most)
    : env_(env),
      most_(most),
      tasks_(std::move(executor), [log = env.log](const std::string& name, std::exception_ptr e) {
        log.error("after_work_failed", "work", name, "error", what(e));
      }) {}

bool AfterWork::start(std::string name, awaitable<void> work) {
  if (closed_ || tasks_.size() >= most_) {
    env_.log.warn("after_work_dropped", "work", name, "under_way", tasks_.size());
    return false;
  }
  tasks_.spawn(std::move(name), std::move(work));
  return true;
}

awaitable<void> AfterWork::close(Millis limit) {
  closed_ = true;
  bool in_time = true;
  try {
    co_await with_timeout(tasks_.join(), limit);
  } catch (const system_error&) {
    in_time = false;
  }
  if (!in_time) env_.log.warn("after_work_cut_off", "under_way", tasks_.size());
  tasks_.cancel();
  co_await tasks_.join();
}

}  // namespace seendr::app
