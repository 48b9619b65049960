#include "postgres/job.hpp"

#include "postgres/error.hpp"

namespace seendr::postgres {

// Lends the job a timer that lives in the waiting frame. However that frame ends, the job is given
// up.
class Job::Waiting {
 public:
  explicit Waiting(Job& job) : job_(job), timer_(job.executor_) { job_.timer_ = &timer_; }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    job_.timer_ = nullptr;
    const std::lock_guard lock(job_.mutex_);
    job_.stage_ = Stage::given_up;
  }

  // Whether the job finished within `limit`. Throws operation_aborted when cancelled from outside.
  awaitable<bool> finished_within(Millis limit) {
    if (job_.finished_) co_return true;
    timer_.expires_after(limit);
    const auto [error] = co_await timer_.async_wait(net::as_tuple(use_awaitable));
    if (job_.finished_) co_return true;
    if (error) throw system_error(error);
    co_return false;
  }

 private:
  Job& job_;
  Timer timer_;
};

bool Job::begin() {
  const std::lock_guard lock(mutex_);
  if (stage_ != Stage::waiting) return false;
  stage_ = Stage::running;
  return true;
}

bool Job::give_up_waiting() {
  const std::lock_guard lock(mutex_);
  if (stage_ != Stage::waiting) return false;
  stage_ = Stage::given_up;
  return true;
}

void Job::finish(std::exception_ptr error) {
  const std::lock_guard lock(mutex_);
  if (stage_ == Stage::given_up) return;  // The event loop may be gone.
  net::post(executor_, [self = shared_from_this(), error] {
    self->finished_ = true;
    self->error_ = error;
    if (self->timer_) self->timer_->cancel();
  });
}

awaitable<void> Job::outcome(Millis wait_limit, Millis call_limit) {
  Waiting waiting(*this);
  bool finished = co_await waiting.finished_within(wait_limit);
  if (!finished && give_up_waiting()) {
    throw system_error(make_error_code(Errc::timed_out), "waiting for a database connection");
  }
  if (!finished) {
    finished = co_await waiting.finished_within(call_limit);
  }
  if (!finished) throw system_error(make_error_code(Errc::timed_out), "waiting for a transaction");
  if (error_) std::rethrow_exception(error_);
}

}  // namespace seendr::postgres
