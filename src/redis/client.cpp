#include "redis/client.hpp"

#include <cassert>

#include "redis/connection.hpp"
#include "redis/probe.hpp"
#include "runtime/sleep.hpp"
#include "runtime/timeout.hpp"

namespace seendr::redis {

namespace {

using Time = Call::Clock::time_point;

// How late a deadline may be noticed: the search for passed ones is linear in what waits.
constexpr Millis kSweepSpacing{2};

std::exception_ptr failure(Errc code, const std::string& context) {
  return std::make_exception_ptr(system_error(make_error_code(code), context));
}

}  // namespace

// Every call is in exactly one list: waiting (no connection), the connection's unsent and
// in_flight, or spare.
struct Client::State : std::enable_shared_from_this<Client::State> {
  State(const Env& given, Executor on, ClientOptions wanted)
      : env(given.with("redis", wanted.client_name)),
        executor(std::move(on)),
        options(std::move(wanted)),
        probe(env.metrics, options.client_name),
        sweeper(executor) {}

  template <class T, class Work>
  awaitable<T> exec(Work work, Millis timeout);
  template <class Handler, class Work>
  void start(Handler handler, Work work, Millis timeout);
  void give_up(Calls::iterator call, std::exception_ptr error);
  void recycle(Calls& from, Calls::iterator call);
  void fail_all(Calls& list, const std::exception_ptr& error);

  void arm(Time deadline);
  void sweep();
  Time sweep_list(Calls& list, Time now);
  void drop_if_silent(Time now);

  awaitable<void> keep_connected();
  awaitable<std::shared_ptr<Connection>> attempt();
  void adopt(std::shared_ptr<Connection> fresh);
  void answered(Calls& done, Reply last);
  void lost();
  void stop();
  void note_failure(const std::string& why);

  Env env;
  Executor executor;
  ClientOptions options;
  Probe probe;
  std::shared_ptr<Connection> connection;  // Null unless ready for commands.
  Calls waiting;
  Calls spare;
  std::size_t pending = 0;  // Commands that wait or are in flight.
  std::uint64_t last_id = 0;
  std::uint64_t connections = 0;
  std::uint64_t calls = 0;
  std::uint64_t replies = 0;
  std::string trouble = "not connected yet";
  std::function<void()> on_connected;
  bool stopped = false;
  Timer sweeper;
  Time sweep_at = Time::max();
};

// Initiated from a plain function: nothing here is part of a coroutine's expression.
template <class T, class Work>
awaitable<T> Client::State::exec(Work work, Millis timeout) {
  const auto begin = [this](Call::Handler<T> handler, Work given, Millis limit) {
    start(std::move(handler), std::move(given), limit);
  };
  using Token = const net::use_awaitable_t<Executor>;
  return net::async_initiate<Token, void(std::exception_ptr, T)>(begin, use_awaitable,
                                                                 std::move(work), timeout);
}

template <class Handler, class Work>
void Client::State::start(Handler handler, Work work, Millis timeout) {
  assert(executor.running_in_this_thread());
  if (spare.empty()) spare.emplace_back();
  const Calls::iterator call = spare.begin();
  call->set(std::move(work));
  call->sent = false;
  if (stopped || pending + call->expected > options.queue_limit) {
    call->waiter.template emplace<Handler>(std::move(handler));
    call->fail(executor, stopped ? failure(Errc::stopped, options.client_name)
                                 : failure(Errc::overloaded, options.client_name));
    if (!stopped) probe.overloaded();
    return;
  }
  call->id = ++last_id;
  call->started = Call::Clock::now();
  call->deadline = call->started + timeout;
  pending += call->expected;

  auto slot = net::get_associated_cancellation_slot(handler);
  if (slot.is_connected()) {
    slot.assign([this, call, id = call->id](net::cancellation_type) {
      if (call->id != id) return;
      give_up(call, std::make_exception_ptr(system_error(net::error::operation_aborted)));
    });
  }
  call->waiter.template emplace<Handler>(std::move(handler));
  arm(call->deadline);
  if (connection) {
    connection->submit(spare, call);
  } else {
    waiting.splice(waiting.end(), spare, call);
  }
}

// A call that was sent stays in its place for the reply that may still come.
void Client::State::give_up(Calls::iterator call, std::exception_ptr error) {
  call->fail(executor, std::move(error));
  if (!call->sent) recycle(connection ? connection->unsent() : waiting, call);
}

void Client::State::recycle(Calls& from, Calls::iterator call) {
  pending -= call->expected;
  call->release();
  spare.splice(spare.begin(), from, call);
}

void Client::State::fail_all(Calls& list, const std::exception_ptr& error) {
  while (!list.empty()) {
    list.front().fail(executor, error);
    recycle(list, list.begin());
  }
}

// One timer for all deadlines: it goes off for the earliest one that was known when it was set.
void Client::State::arm(Time deadline) {
  if (deadline >= sweep_at) return;
  sweep_at = deadline;
  sweeper.expires_at(deadline);
  sweeper.async_wait([weak = weak_from_this()](error_code error) {
    if (error) return;
    if (const auto self = weak.lock()) self->sweep();
  });
}

void Client::State::sweep() {
  const Time now = Call::Clock::now();
  sweep_at = Time::max();
  Time next = sweep_list(waiting, now);
  if (connection) {
    next = std::min(next, sweep_list(connection->in_flight(), now));
    next = std::min(next, sweep_list(connection->unsent(), now));
    drop_if_silent(now);
  }
  if (next != Time::max()) arm(std::max(next, now + kSweepSpacing));
}

// Returns the earliest deadline that is left.
Time Client::State::sweep_list(Calls& list, Time now) {
  Time next = Time::max();
  for (auto call = list.begin(); call != list.end();) {
    const auto following = std::next(call);
    if (call->abandoned()) {
      // Its reply is still awaited, but not by anybody.
    } else if (call->deadline > now) {
      next = std::min(next, call->deadline);
    } else {
      probe.timed_out();
      give_up(call, failure(Errc::timed_out, connection ? options.client_name : trouble));
    }
    call = following;
  }
  return next;
}

// A peer that vanished without a word would let every command time out for ever.
void Client::State::drop_if_silent(Time now) {
  const Calls& flying = connection->in_flight();
  if (flying.empty() || flying.front().deadline > now) return;
  const Time since = std::max(flying.front().started, connection->last_received());
  if (now - since >= options.command_timeout) connection->close("Redis does not answer");
}

awaitable<void> Client::State::keep_connected() {
  Backoff backoff(options.backoff);
  for (;;) {
    const std::shared_ptr<Connection> fresh = co_await attempt();
    if (fresh) {
      backoff.reset();
      co_await fresh->wait_closed();
    }
    const Millis delay = backoff.next(env.random);
    co_await sleep_for(delay);
  }
}

// Null when it failed; says why in `trouble`.
awaitable<std::shared_ptr<Connection>> Client::State::attempt() {
  std::shared_ptr<Connection> fresh;
  std::string why;
  try {
    awaitable<std::shared_ptr<Connection>> opening = Connection::open(options);
    fresh = co_await with_timeout(std::move(opening), options.connect_timeout);
    if (options.on_connect) {
      awaitable<void> preparing = options.on_connect(*fresh);
      co_await with_timeout(std::move(preparing), options.command_timeout);
    }
    if (!fresh->is_open()) why = fresh->close_reason();
  } catch (const std::exception& error) {
    why = what(error);
    if (why.empty()) why = "unknown error";
  }
  const net::cancellation_state cancellation = co_await net::this_coro::cancellation_state;
  const bool cancelled = cancellation.cancelled() != net::cancellation_type::none;
  if (fresh && (cancelled || !why.empty())) {
    fresh->close("given up");
    fresh.reset();
  }
  if (cancelled) throw system_error(net::error::operation_aborted);
  if (fresh) {
    adopt(fresh);
  } else {
    note_failure(why);
  }
  co_return fresh;
}

void Client::State::note_failure(const std::string& why) {
  if (why != trouble) {
    env.log.warn("redis_unreachable", "url", masked(options.url), "error", why);
  }
  trouble = why;
}

void Client::State::adopt(std::shared_ptr<Connection> fresh) {
  fresh->events.sent = [this](std::size_t commands) {
    calls += commands;
    probe.sent(commands);
    probe.queue(pending);
  };
  fresh->events.answered = [this](Calls& done, Reply last) {
    answered(done, std::move(last));
  };
  fresh->events.closed = [this] {
    lost();
  };
  connection = std::move(fresh);
  trouble.clear();
  if (++connections > 1) probe.reconnected();
  env.log.info("redis_connected", "url", masked(options.url));
  while (!waiting.empty()) connection->submit(waiting, waiting.begin());
  if (on_connected) on_connected();
}

void Client::State::answered(Calls& done, Reply last) {
  Call& call = done.front();
  pending -= call.expected;
  if (pending == 0) probe.queue(0);
  if (++replies % 64 == 0) probe.answered_after(Call::Clock::now() - call.started);
  if (last.is_error()) probe.refused();
  for (const Reply& reply : call.replies) {
    if (reply.is_error()) probe.refused();
  }
  call.release();
  spare.splice(spare.begin(), done);
  call.succeed(std::move(last));
}

// What was not sent waits for the next connection, as does what was sent and may be sent again.
void Client::State::lost() {
  const std::shared_ptr<Connection> broken = std::move(connection);
  connection = nullptr;
  trouble = broken->close_reason();
  env.log.warn("redis_lost", "url", masked(options.url), "error", trouble);

  Calls again;
  Calls& flying = broken->in_flight();
  while (!flying.empty()) {
    Call& call = flying.front();
    if (!call.abandoned() && call.repeatable()) {
      call.sent = false;
      call.replies.clear();
      again.splice(again.end(), flying, flying.begin());
      continue;
    }
    if (!call.abandoned()) probe.lost();
    call.fail(executor, failure(Errc::connection_lost, trouble));
    recycle(flying, flying.begin());
  }
  again.splice(again.end(), broken->unsent());
  waiting.splice(waiting.begin(), again);
}

void Client::State::stop() {
  stopped = true;
  trouble = "stopped";
  const std::exception_ptr error = failure(Errc::stopped, options.client_name);
  if (connection) {
    connection->events = Connection::Events();
    connection->close("stopped");
    fail_all(connection->in_flight(), error);
    fail_all(connection->unsent(), error);
    connection = nullptr;
  }
  fail_all(waiting, error);
  sweeper.cancel();  // Or the event loop would wait for the deadline of a call long answered.
  sweep_at = Time::max();
  probe.queue(0);
}

Client::Client(const Env& env, Executor executor, ClientOptions options)
    : state_(std::make_shared<State>(env, std::move(executor), std::move(options))) {}

Client::~Client() {
  if (!state_->stopped) state_->stop();
}

awaitable<void> Client::run() {
  const std::shared_ptr<State> state = state_;
  state->stopped = false;
  try {
    co_await state->keep_connected();
  } catch (...) {
    state->stop();
    throw;
  }
}

awaitable<Reply> Client::exec(Command command) {
  return state_->exec<Reply>(std::move(command), state_->options.command_timeout);
}

awaitable<Reply> Client::exec(Command command, Millis timeout) {
  return state_->exec<Reply>(std::move(command), timeout);
}

awaitable<std::vector<Reply>> Client::exec(Pipeline pipeline) {
  return state_->exec<std::vector<Reply>>(std::move(pipeline), state_->options.command_timeout);
}

awaitable<std::vector<Reply>> Client::exec(Pipeline pipeline, Millis timeout) {
  return state_->exec<std::vector<Reply>>(std::move(pipeline), timeout);
}

// An empty pipeline is done as soon as there is somebody to send it to.
awaitable<void> Client::wait_connected(Millis limit) {
  co_await exec(Pipeline(), limit);
}

void Client::on_connected(std::function<void()> call) {
  state_->on_connected = std::move(call);
}

bool Client::connected() const {
  return state_->connection != nullptr;
}

std::uint64_t Client::connections() const {
  return state_->connections;
}

std::uint64_t Client::calls() const {
  return state_->calls;
}

const std::string& Client::trouble() const {
  return state_->trouble;
}

const ClientOptions& Client::options() const {
  return state_->options;
}

Executor Client::executor() const {
  return state_->executor;
}

}  // namespace seendr::redis
