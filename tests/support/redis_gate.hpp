// A door between a process and its Redis, by which a test decides which of two answers of Redis the
// process reads first, or loses one.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "runtime/net.hpp"
#include "runtime/task_group.hpp"

namespace seendr::test {

class RedisGate {
 public:
  // Listens at `path`; `redis_path` is the socket of the server behind.
  RedisGate(std::string path, std::string redis_path)
      : path_(std::move(path)),
        redis_path_(std::move(redis_path)),
        acceptor_(io_, Local::endpoint(path_)),
        tasks_(io_.get_executor(), [](const std::string&, std::exception_ptr) {}) {
    tasks_.spawn("accept", accept());
    thread_ = std::thread([this] { io_.run(); });
  }

  // Requires: the process has ended.
  ~RedisGate() {
    net::post(io_, [this] { tasks_.cancel(); });
    thread_.join();
  }

  std::string url() const { return "unix://" + path_; }

  // Once: what Redis answers on the connection that carries `question` is kept back until `answer`
  // came on another one, and the process has worked on that: it asks for more there.
  void let_overtake(std::string question, std::string answer) {
    net::post(io_, [this, question = std::move(question), answer = std::move(answer)] {
      question_ = question;
      answer_ = answer;
    });
  }

  // Once: the connection that carries `question` breaks in front of the answer, when Redis has done
  // what it was asked.
  void lose_answer(std::string question) {
    net::post(io_, [this, question = std::move(question)] { lost_question_ = question; });
  }

  int lost() const { return lost_; }  // Answers that were lost so.

  bool overtaken() const { return overtaken_; }  // Whether that has happened.

 private:
  using Local = net::local::stream_protocol;
  using LocalSocket = net::basic_stream_socket<Local, Executor>;

  struct Link {
    explicit Link(Executor executor) : process(executor), redis(executor) {}
    void close() {
      boost::system::error_code ignored;
      process.close(ignored);
      redis.close(ignored);
    }

    LocalSocket process;
    LocalSocket redis;
    bool answered = false;  // `answer` went through here.
    bool loses = false;     // The next answer.
  };
  using LinkPtr = std::shared_ptr<Link>;

  awaitable<void> accept() {
    for (;;) {
      const auto link = std::make_shared<Link>(io_.get_executor());
      co_await acceptor_.async_accept(link->process, use_awaitable);
      co_await link->redis.async_connect(Local::endpoint(redis_path_), use_awaitable);
      tasks_.spawn("to_redis", pass(link, true));
      tasks_.spawn("to_process", pass(link, false));
    }
  }

  awaitable<void> pass(LinkPtr link, bool to_redis) {
    std::exception_ptr failure;
    try {
      for (;;) {
        std::string bytes(65536, '\0');
        LocalSocket& from = to_redis ? link->process : link->redis;
        const std::size_t count = co_await from.async_read_some(net::buffer(bytes), use_awaitable);
        bytes.resize(count);
        if (to_redis) {
          co_await ask(link, std::move(bytes));
        } else {
          co_await answer(link, std::move(bytes));
        }
      }
    } catch (...) {
      failure = std::current_exception();
    }
    link->close();  // Either end is gone.
    std::rethrow_exception(failure);
  }

  awaitable<void> ask(LinkPtr link, std::string bytes) {
    if (!lost_question_.empty() && bytes.find(lost_question_) != std::string::npos) {
      lost_question_.clear();
      link->loses = true;
    }
    const bool keep = !question_.empty() && bytes.find(question_) != std::string::npos;
    if (keep) {
      question_.clear();
      kept_for_ = link;
    }
    if (std::exchange(link->answered, false)) {
      overtaken_ = true;
      co_await let_go();
    }
    co_await net::async_write(link->redis, net::buffer(bytes), use_awaitable);
  }

  awaitable<void> answer(LinkPtr link, std::string bytes) {
    if (link->loses) {
      ++lost_;
      throw boost::system::system_error(net::error::connection_reset);
    }
    if (kept_for_ == link) {
      kept_ += bytes;
      co_return;
    }
    if (kept_for_ && bytes.find(answer_) != std::string::npos) link->answered = true;
    co_await net::async_write(link->process, net::buffer(bytes), use_awaitable);
  }

  awaitable<void> let_go() {
    while (!kept_.empty()) {
      const std::string bytes = std::exchange(kept_, {});
      co_await net::async_write(kept_for_->process, net::buffer(bytes), use_awaitable);
    }
    kept_for_.reset();
  }

  const std::string path_;
  const std::string redis_path_;
  net::io_context io_{1};
  net::basic_socket_acceptor<Local, Executor> acceptor_;
  TaskGroup tasks_;
  std::string question_;
  std::string lost_question_;
  std::string answer_;
  LinkPtr kept_for_;
  std::string kept_;
  std::atomic<bool> overtaken_{false};
  std::atomic<int> lost_{0};
  std::thread thread_;
};

}  // namespace seendr::test
