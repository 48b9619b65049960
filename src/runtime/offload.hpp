// Runs blocking or CPU-heavy functions (password hashes, files) off the event loop, on a few
// threads.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/thread_pool.hpp>

#include "base/error.hpp"
#include "runtime/net.hpp"

namespace seendr {

// May be used from any event loop. Must outlive the coroutines that wait for it.
class Offload {
 public:
  // `queue_limit`: functions waiting or running at once; beyond it run() throws
  // resource_unavailable_try_again.
  Offload(std::size_t threads, std::size_t queue_limit);
  ~Offload();  // Waits for what runs, and for what callers wait for.

  // Runs `function` on a pool thread, completes on the caller's executor; rethrows what it throws.
  // When cancelled, `function` does not begin; if it has begun, it is not interrupted. (Name the
  // function before the co_await.)
  template <class T>
  awaitable<T> run(std::function<T()> function) {
    enter();
    const Executor executor = co_await net::this_coro::executor;
    auto state = std::make_shared<State<T>>(executor);
    const Waiting waiting(*state);
    post([this, state, call = std::move(function)] {
      try {
        if (state->wanted) state->value.emplace(call());
      } catch (...) {
        state->error = std::current_exception();
      }
      leave();
      net::post(state->executor, [state] {
        state->finished = true;
        if (state->done) state->done->cancel();
      });
    });
    while (!state->finished) {
      co_await waiting.wait();
    }
    if (state->error) std::rethrow_exception(state->error);
    co_return std::move(*state->value);
  }

 private:
  // Touched on the caller's executor only, but for `wanted`, and the result, which is handed over
  // by a post.
  struct Progress {
    explicit Progress(Executor e) : executor(std::move(e)) {}
    Executor executor;
    Timer* done = nullptr;
    bool finished = false;
    std::atomic<bool> wanted{true};  // The caller waits for it.
  };
  template <class T>
  struct State : Progress {
    using Progress::Progress;
    std::optional<T> value;
    std::exception_ptr error;
  };

  // Lends the state a timer that lives in the waiting frame; taken back when that frame ends.
  class Waiting {
   public:
    explicit Waiting(Progress& progress);
    ~Waiting() {
      progress_.done = nullptr;
      progress_.wanted = false;
    }
    awaitable<void> wait() const;  // Until finished, or throws operation_aborted when cancelled.

   private:
    Progress& progress_;
    mutable Timer timer_;
  };

  void enter();
  void leave() { --pending_; }
  void post(std::function<void()> work);

  std::size_t queue_limit_;
  std::atomic<std::size_t> pending_{0};
  net::thread_pool pool_;
};

}  // namespace seendr
