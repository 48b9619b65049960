#include "redis/connection.hpp"

#include <algorithm>
#include <cassert>

#include "redis/client.hpp"

namespace seendr::redis {

namespace {

constexpr std::size_t kReadSize = std::size_t{64} * 1024;

// A write takes calls until it is this big; the rest goes with the next one.
constexpr std::size_t kWriteSize = std::size_t{512} * 1024;

// Gives up the memory a burst left behind.
constexpr std::size_t kKeptSize = std::size_t{4} * 1024 * 1024;

// A node that waits for its next use keeps a string this long.
constexpr std::size_t kKeptCommand = 1024;

std::exception_ptr lost(const std::string& reason) {
  return std::make_exception_ptr(system_error(make_error_code(Errc::connection_lost), reason));
}

std::exception_ptr aborted() {
  return std::make_exception_ptr(system_error(net::error::operation_aborted));
}

// PING comes last: it alone is refused while the server still loads its data.
Pipeline handshake(const ClientOptions& options) {
  const Url& url = options.url;
  Pipeline hello;
  if (!url.password.empty()) {
    if (url.user.empty()) {
      hello.add("AUTH", url.password);
    } else {
      hello.add("AUTH", url.user, url.password);
    }
  }
  if (url.db != 0) hello.add("SELECT", url.db);
  hello.add("CLIENT", "SETNAME", options.client_name);
  hello.add("PING");
  return hello;
}

// A user without the right to call CLIENT or PING (NOPERM) is let through.
void check_handshake(const std::vector<Reply>& replies) {
  for (const Reply& reply : replies) {
    if (!reply.is_error() || reply.error_text().starts_with("NOPERM")) continue;
    throw ServerError(reply.error_text());
  }
}

}  // namespace

void Call::set(Command work) {
  command = std::move(work);
  is_pipeline = false;
  expected = 1;
  replies.clear();
}

void Call::set(Pipeline work) {
  pipeline = std::move(work);
  is_pipeline = true;
  expected = pipeline.size();
  replies.clear();
}

void Call::release() {
  if (command.bytes().size() > kKeptCommand) command = Command("");
  if (is_pipeline) pipeline = Pipeline();
}

bool Call::repeatable() const {
  return is_pipeline ? pipeline.is_repeatable() : command.is_repeatable();
}

void Call::append_to(std::string& out) const {
  if (!is_pipeline) {
    out += command.bytes();
    return;
  }
  for (const Command& one : pipeline.commands()) out += one.bytes();
}

void Call::succeed(Reply last) {
  auto taken = std::move(waiter);
  waiter = std::monostate();
  id = 0;
  if (auto* many = std::get_if<ManyHandler>(&taken)) {
    std::move (*many)(nullptr, std::move(replies));
  } else if (auto* one = std::get_if<OneHandler>(&taken)) {
    if (last.is_error()) {
      std::move (*one)(std::make_exception_ptr(ServerError(last.error_text())), Reply());
    } else {
      std::move (*one)(nullptr, std::move(last));
    }
  }
}

void Call::fail(const Executor& executor, std::exception_ptr error) {
  auto taken = std::move(waiter);
  waiter = std::monostate();
  id = 0;
  if (auto* one = std::get_if<OneHandler>(&taken)) {
    net::post(executor,
              [handler = std::move(*one), error]() mutable { std::move(handler)(error, Reply()); });
  } else if (auto* many = std::get_if<ManyHandler>(&taken)) {
    net::post(executor, [handler = std::move(*many), error]() mutable {
      std::move(handler)(error, std::vector<Reply>());
    });
  }
}

Connection::Connection(std::unique_ptr<Transport> transport)
    : transport_(std::move(transport)),
      in_(kReadSize),
      last_received_(std::chrono::steady_clock::now()),
      closed_(transport_->executor(), Timer::time_point::max()) {}

Connection::~Connection() = default;

awaitable<std::shared_ptr<Connection>> Connection::open(ClientOptions options) {
  const TlsOptions tls{options.tls_ca_file, options.tls_verify};
  std::unique_ptr<Transport> transport = co_await Transport::connect(options.url, tls);
  auto connection = std::make_shared<Connection>(std::move(transport));
  connection->read();
  try {
    Pipeline hello = handshake(options);
    const std::vector<Reply> replies = co_await connection->exec(std::move(hello));
    check_handshake(replies);
  } catch (...) {
    connection->close("given up");  // Or its reader would keep it alive.
    throw;
  }
  co_return connection;
}

// Initiated from a plain function: the lambda is no part of a coroutine's expression.
template <class T, class Work>
awaitable<T> Connection::exec_raw(Work work) {
  const auto start = [this](Call::Handler<T> handler, Work given) {
    Calls fresh(1);
    Call& call = fresh.front();
    call.set(std::move(given));
    call.id = ++last_raw_;
    call.raw = true;
    auto slot = net::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([weak = weak_from_this(), id = call.id](net::cancellation_type) {
        if (const auto self = weak.lock()) self->cancel_raw(id);
      });
    }
    call.waiter.template emplace<Call::Handler<T>>(std::move(handler));
    if (open_) {
      submit(fresh, fresh.begin());
    } else {
      call.fail(executor(), lost(close_reason_));
    }
  };
  using Token = const net::use_awaitable_t<Executor>;
  return net::async_initiate<Token, void(std::exception_ptr, T)>(start, use_awaitable,
                                                                 std::move(work));
}

awaitable<Reply> Connection::exec(Command command) {
  return exec_raw<Reply>(std::move(command));
}

awaitable<std::vector<Reply>> Connection::exec(Pipeline pipeline) {
  return exec_raw<std::vector<Reply>>(std::move(pipeline));
}

void Connection::cancel_raw(std::uint64_t id) {
  for (Calls* calls : {&unsent_, &in_flight_}) {
    for (Call& call : *calls) {
      if (call.raw && call.id == id) call.fail(executor(), aborted());  // Its reply is dropped.
    }
  }
}

void Connection::fail_raw(Calls& calls) {
  for (auto call = calls.begin(); call != calls.end();) {
    const auto next = std::next(call);
    if (call->raw) {
      call->fail(executor(), lost(close_reason_));
      calls.erase(call);
    }
    call = next;
  }
}

void Connection::submit(Calls& from, Calls::iterator call) {
  assert(open_);
  unsent_.splice(unsent_.end(), from, call);
  schedule_write();
}

void Connection::send(const Command& command) {
  if (!open_) return;
  pushes_ += command.bytes();
  schedule_write();
}

awaitable<void> Connection::wait_closed() {
  bool closed = !open_;
  while (!closed) {
    closed = co_await wait_closed(Millis(3'600'000));
  }
}

awaitable<bool> Connection::wait_closed(Millis limit) {
  if (!open_) co_return true;
  closed_.expires_after(limit);
  const auto [error] = co_await closed_.async_wait(net::as_tuple(use_awaitable));
  if (error && open_) throw system_error(error);  // Cancelled from outside.
  co_return !open_;
}

void Connection::close(std::string reason) {
  if (!open_) return;
  open_ = false;
  close_reason_ = std::move(reason);
  transport_->close();
  closed_.cancel();
  fail_raw(in_flight_);
  fail_raw(unsent_);
  if (events.closed) events.closed();
}

// Commands of the same turn are still to come: the write starts when the turn is over.
void Connection::schedule_write() {
  if (write_scheduled_ || writing_) return;
  write_scheduled_ = true;
  net::post(executor(), [self = shared_from_this()] {
    self->write_scheduled_ = false;
    self->write();
  });
}

void Connection::write() {
  if (!open_ || writing_) return;
  out_.clear();
  if (out_.capacity() > kKeptSize) out_.shrink_to_fit();
  out_.swap(pushes_);
  std::size_t commands = 0;
  Calls done;  // Pipelines without a command are done when their turn comes.
  for (auto call = unsent_.begin(); call != unsent_.end() && out_.size() < kWriteSize;) {
    const auto next = std::next(call);
    call->append_to(out_);
    call->sent = true;
    commands += call->expected;
    Calls& to = call->expected == 0 ? done : in_flight_;
    to.splice(to.end(), unsent_, call);
    call = next;
  }
  if (!out_.empty()) {
    if (events.sent) events.sent(commands);
    writing_ = true;
    const auto then = [self = shared_from_this()](error_code error, std::size_t) {
      self->written(error);
    };
    transport_->write(net::buffer(out_), then);
  }
  while (!done.empty()) finish(done, Reply());
}

void Connection::written(error_code error) {
  writing_ = false;
  if (error) {
    close(error.message());
  } else if (!unsent_.empty() || !pushes_.empty()) {
    write();
  }
}

void Connection::read() {
  const auto then = [self = shared_from_this()](error_code error, std::size_t size) {
    self->received(error, size);
  };
  transport_->read_some(net::buffer(in_), then);
}

void Connection::received(error_code error, std::size_t size) {
  if (!open_) return;
  if (error) {
    close(error.message());
    return;
  }
  last_received_ = std::chrono::steady_clock::now();
  for (std::size_t at = 0; at < size && open_; at += ReplyParser::kPiece) {
    parser_.feed(std::string_view(in_.data() + at, std::min(size - at, ReplyParser::kPiece)));
    std::optional<Reply> reply = next_reply();
    while (reply) {
      take(std::move(*reply));
      reply = open_ ? next_reply() : std::nullopt;
    }
  }
  if (open_) read();
}

// nullopt also after a breach of the protocol, which closes the connection.
std::optional<Reply> Connection::next_reply() {
  try {
    return parser_.next();
  } catch (const system_error& broken) {
    close(what(broken));
    return std::nullopt;
  }
}

void Connection::take(Reply reply) {
  if (in_flight_.empty()) {
    if (events.pushed) {
      events.pushed(std::move(reply));
    } else {
      close("Redis sent a reply nobody asked for");
    }
    return;
  }
  Call& call = in_flight_.front();
  if (!call.is_pipeline) {
    finish(in_flight_, std::move(reply));
    return;
  }
  call.replies.push_back(std::move(reply));
  if (call.replies.size() == call.expected) finish(in_flight_, Reply());
}

// Takes the first call off its list before its waiter resumes, which may send the next one at once.
void Connection::finish(Calls& from, Reply last) {
  Calls done;
  done.splice(done.end(), from, from.begin());
  if (!done.front().raw && events.answered) {
    events.answered(done, std::move(last));
  } else {
    done.front().succeed(std::move(last));
  }
}

}  // namespace seendr::redis
