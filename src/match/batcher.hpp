// Collects requests of many coroutines into calls of a few at a time, one call in flight: load
// makes batches by itself.
#pragma once

#include <cassert>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "match/error.hpp"
#include "runtime/net.hpp"

namespace seendr::match {

template <class Item, class Result>
class Batcher {
 public:
  // Answers every item, in order, or throws for all of them.
  using Call = std::function<awaitable<std::vector<Result>>(std::vector<Item>)>;

  // `batch_max` items a call; `queue_limit` waiting.
  Batcher(Executor executor, std::size_t batch_max, std::size_t queue_limit, Call call)
      : executor_(executor),
        batch_max_(batch_max),
        queue_limit_(queue_limit),
        call_(std::move(call)),
        more_(executor, Timer::time_point::max()) {}

  // Returns the item's result; throws what the call threw, or Errc::overloaded at once.
  awaitable<Result> submit(Item item) {
    if (queue_.size() >= queue_limit_) throw system_error(Errc::overloaded);
    const auto request = std::make_shared<Request>(executor_, std::move(item));
    queue_.push_back(request);
    more_.cancel();
    while (!request->result && !request->error) {
      co_await request->answered.async_wait(net::as_tuple(use_awaitable));
    }
    if (request->error) std::rethrow_exception(request->error);
    co_return std::move(*request->result);
  }

  // Makes the calls, until cancelled; what waits then is cancelled too.
  awaitable<void> run() {
    const Ending ending{*this};
    while (true) {
      while (queue_.empty()) {
        co_await more_.async_wait(net::as_tuple(use_awaitable));
      }
      const std::vector<std::shared_ptr<Request>> batch = take();
      std::vector<Item> items;
      for (const auto& request : batch) items.push_back(request->item);
      try {
        std::vector<Result> results = co_await call_(std::move(items));
        assert(results.size() == batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->result = std::move(results[i]);
      } catch (...) {
        for (const auto& request : batch) request->error = std::current_exception();
      }
      for (const auto& request : batch) request->answered.cancel();
    }
  }

  std::size_t waiting() const { return queue_.size(); }

 private:
  struct Request {
    Request(Executor executor, Item i)
        : item(std::move(i)), answered(executor, Timer::time_point::max()) {}
    Item item;
    std::optional<Result> result;
    std::exception_ptr error;
    Timer answered;  // Never expires; cancelled with the answer.
  };

  struct Ending {
    Batcher& self;
    ~Ending() {
      const error_code stopped = net::error::operation_aborted;
      for (const auto& request : self.queue_) {
        request->error = std::make_exception_ptr(system_error(stopped));
        request->answered.cancel();
      }
      self.queue_.clear();
    }
  };

  std::vector<std::shared_ptr<Request>> take() {
    std::vector<std::shared_ptr<Request>> out;
    while (!queue_.empty() && out.size() < batch_max_) {
      out.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    return out;
  }

  Executor executor_;
  std::size_t batch_max_;
  std::size_t queue_limit_;
  Call call_;
  Timer more_;
  std::deque<std::shared_ptr<Request>> queue_;
};

}  // namespace seendr::match
