// One socket to Redis: what is sent, and the replies given to the calls in the order they were
// sent. Clients own it; others meet it only in ClientOptions::on_connect.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "redis/command.hpp"
#include "redis/error.hpp"
#include "redis/reply.hpp"
#include "redis/reply_parser.hpp"
#include "redis/transport.hpp"
#include "runtime/net.hpp"

namespace seendr::redis {

// One exec() on its way: its bytes, the coroutine that waits, its replies so far. Calls are nodes
// that move between lists (std::list::splice) and are used again, so that none is allocated in
// the steady state.
struct Call {
  using OneHandler = net::async_result<net::use_awaitable_t<Executor>,
                                       void(std::exception_ptr, Reply)>::handler_type;
  using ManyHandler = net::async_result<net::use_awaitable_t<Executor>,
                                        void(std::exception_ptr, std::vector<Reply>)>::handler_type;

  std::uint64_t id = 0;  // Differs at each use of the node.
  Command command{""};
  Pipeline pipeline;           // Sent instead of `command` by a ManyHandler's call.
  std::size_t expected = 1;    // Replies.
  std::vector<Reply> replies;  // Of a pipeline.
  std::chrono::steady_clock::time_point started;
  std::chrono::steady_clock::time_point deadline;
  std::variant<std::monostate, OneHandler, ManyHandler> waiter;  // monostate: nobody any more.
  bool is_pipeline = false;

  bool abandoned() const { return waiter.index() == 0; }
  bool repeatable() const {
    return is_pipeline ? pipeline.is_repeatable() : command.is_repeatable();
  }
  void append_to(std::string& out) const;

  // Resumes the waiter, now. An error reply to a single command becomes a ServerError.
  void succeed(Reply last);

  // Resumes the waiter from the event loop, never from inside.
  void fail(const Executor& executor, std::exception_ptr error);
};

using Calls = std::list<Call>;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Events {
    std::function<void(std::size_t commands)> sent = [](std::size_t) {
    };
    std::function<void(Calls::iterator call)> answered;  // Before its waiter resumes; still listed.
    std::function<void(Reply)> pushed;                   // What nobody asked for (subscribe mode).
    std::function<void()> closed = [] {
    };
  };

  Connection(std::unique_ptr<Transport> transport, Calls& spare);
  ~Connection();

  // Starts to read. Requires: called once.
  void start();

  // Sends one command by itself and returns its reply; throws like Client::exec. Without a
  // deadline of its own: what calls it has one.
  awaitable<Reply> exec(Command command);

  // Takes a call out of `from` and sends it with the next write.
  void submit(Calls& from, Calls::iterator call);

  // Sends a command whose answer arrives as a push.
  void send(const Command& command);

  // Returns when the connection is closed, by either side.
  awaitable<void> wait_closed();

  // Closes the socket; exec() calls fail. Calls of submit() stay listed for their owner.
  void close(std::string reason);

  bool is_open() const { return open_; }
  const std::string& close_reason() const { return close_reason_; }
  std::chrono::steady_clock::time_point last_received() const { return last_received_; }
  const Executor& executor() const { return transport_->executor(); }

  Calls& unsent() { return unsent_; }
  Calls& in_flight() { return in_flight_; }
  Events events;

 private:
  void schedule_write();
  void write();
  void written(error_code error);
  void read();
  void received(error_code error, std::size_t size);
  void take(Reply reply);

  std::unique_ptr<Transport> transport_;
  Calls& spare_;  // Nodes for use again.
  Calls unsent_;
  Calls in_flight_;  // In the order sent: the first one gets the next reply.
  std::string raw_;  // Bytes of send(), which have no call.
  std::string out_;  // What is being written.
  bool write_scheduled_ = false;
  bool writing_ = false;
  bool open_ = true;
  std::string close_reason_;
  std::vector<char> in_;
  ReplyParser parser_;
  std::chrono::steady_clock::time_point last_received_;
  Timer closed_;  // Never expires; cancelled when the connection closes.
};

}  // namespace seendr::redis
