// One socket to Redis: what is sent, and the replies given to the calls in the order they were
// sent. Clients own it; others meet it only in ClientOptions::on_connect.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/env.hpp"
#include "redis/command.hpp"
#include "redis/error.hpp"
#include "redis/reply.hpp"
#include "redis/reply_parser.hpp"
#include "redis/transport.hpp"
#include "runtime/net.hpp"

namespace seendr::redis {

struct ClientOptions;

// One exec() on its way: its bytes, the coroutine that waits, its replies so far. Calls are nodes
// that move between lists (std::list::splice) and are used again, so that none is allocated in
// the steady state.
struct Call {
  using Clock = std::chrono::steady_clock;
  template <class T>
  using Handler = typename net::async_result<net::use_awaitable_t<Executor>,
                                             void(std::exception_ptr, T)>::handler_type;
  using OneHandler = Handler<Reply>;
  using ManyHandler = Handler<std::vector<Reply>>;

  std::uint64_t id = 0;  // Differs at each use of the node; 0 when nobody waits.
  Command command{""};
  Pipeline pipeline;  // Sent instead of `command` if a ManyHandler waits.
  bool is_pipeline = false;
  bool sent = false;           // Handed to the socket, or about to be.
  bool raw = false;            // From Connection::exec.
  std::size_t expected = 1;    // Replies.
  std::vector<Reply> replies;  // Of a pipeline, so far.
  Clock::time_point started;
  Clock::time_point deadline;
  std::variant<std::monostate, OneHandler, ManyHandler> waiter;

  void set(Command work);
  void set(Pipeline work);
  void release();  // Gives up the memory of its work.
  bool abandoned() const { return waiter.index() == 0; }
  bool repeatable() const;
  void append_to(std::string& out) const;

  // Resumes the waiter, now. An error reply to a single command becomes a ServerError.
  void succeed(Reply last);

  // Resumes the waiter from the event loop, never from inside.
  void fail(const Executor& executor, std::exception_ptr error);
};

using Calls = std::list<Call>;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // What the owner wants to know; set before submit() and send(). May be empty.
  struct Events {
    std::function<void(std::size_t commands)> sent;
    // The call at the front of `done` is complete; its waiter still waits.
    std::function<void(Calls& done, Reply last)> answered;
    std::function<void(Reply)> pushed;  // What nobody asked for: messages in subscribe mode.
    std::function<void()> closed;
  };

  // Connects, and does AUTH, SELECT, CLIENT SETNAME and PING. Throws what failed; has no deadline
  // of its own.
  static awaitable<std::shared_ptr<Connection>> open(ClientOptions options);

  explicit Connection(std::unique_ptr<Transport> transport);
  ~Connection();

  // Sends by itself and returns the reply; throws like Client::exec, but has no deadline: what
  // calls it has one. For the handshake and ClientOptions::on_connect.
  awaitable<Reply> exec(Command command);
  awaitable<std::vector<Reply>> exec(Pipeline pipeline);

  // Takes a call out of `from`, which may be emptied otherwise too, and sends it with the next
  // write. Requires: is_open().
  void submit(Calls& from, Calls::iterator call);

  // Sends a command whose answer arrives as a push.
  void send(const Command& command);

  // Returns when the connection is closed by either side; with a limit, whether it is.
  awaitable<void> wait_closed();
  awaitable<bool> wait_closed(Millis limit);

  // Closes the socket; exec() fails. Calls given to submit() stay listed for their owner.
  void close(std::string reason);

  bool is_open() const { return open_; }
  const std::string& close_reason() const { return close_reason_; }
  Call::Clock::time_point last_received() const { return last_received_; }
  const Executor& executor() const { return transport_->executor(); }

  Calls& unsent() { return unsent_; }
  Calls& in_flight() { return in_flight_; }  // In the order sent: the first gets the next reply.
  Events events;

 private:
  template <class T, class Work>
  awaitable<T> exec_raw(Work work);
  void cancel_raw(std::uint64_t id);
  void fail_raw(Calls& calls);
  void schedule_write();
  void write();
  void written(error_code error);
  void read();
  void received(error_code error, std::size_t size);
  std::optional<Reply> next_reply();
  void take(Reply reply);
  void finish(Calls& from, Reply last);

  std::unique_ptr<Transport> transport_;
  Calls unsent_;
  Calls in_flight_;
  std::uint64_t last_raw_ = 0;
  std::string pushes_;  // Bytes of send(), which have no call.
  std::string out_;     // What is being written.
  bool write_scheduled_ = false;
  bool writing_ = false;
  bool open_ = true;
  std::string close_reason_;
  std::vector<char> in_;
  ReplyParser parser_;
  Call::Clock::time_point last_received_;
  Timer closed_;  // Cancelled when the connection closes.
};

}  // namespace seendr::redis
