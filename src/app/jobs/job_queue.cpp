#include "app/jobs/job_queue.hpp"

#include "runtime/backoff.hpp"
#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

constexpr int kAttempts = 5;

}  // namespace

awaitable<bool> JobQueue::enqueue(std::string_view kind, json::array args) {
  tasks::Task task;
  task.name = kind;
  task.args = std::move(args);
  task.queue = kind.starts_with(job::kMails) ? kMailQueue : kJobQueue;
  task.id = tasks::make_uuid(env_.random);  // The same in each attempt: its handler runs once.
  Backoff backoff{BackoffOptions{}};
  for (int attempt = 1;; ++attempt) {
    const result<std::string> id = co_await client_.enqueue(task);
    if (id) co_return true;
    if (attempt == kAttempts) {
      env_.log.error("task_not_enqueued", "task", kind, "error", id.error().message());
      co_return false;
    }
    co_await sleep_for(backoff.next(env_.random));
  }
}

}  // namespace seendr::app
