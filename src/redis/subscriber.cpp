#include "redis/subscriber.hpp"

#include <set>

#include "redis/connection.hpp"
#include "runtime/sleep.hpp"
#include "runtime/timeout.hpp"

namespace seendr::redis {

struct Subscriber::State {
  State(const Env& given, const Executor& executor, ClientOptions wanted_options,
        SubscriberEvents wanted_events)
      : env(given.with("redis", wanted_options.client_name)),
        options(std::move(wanted_options)),
        events(std::move(wanted_events)),
        changed(executor, Timer::time_point::max()) {}

  awaitable<void> keep_subscribed();
  awaitable<std::shared_ptr<Connection>> attempt();
  void adopt(std::shared_ptr<Connection> fresh);
  awaitable<void> watch();
  awaitable<void> wait_confirmed();
  void received(Reply push);
  void confirm();
  void lose();

  Env env;
  ClientOptions options;
  SubscriberEvents events;
  std::shared_ptr<Connection> connection;  // Null while there is none.
  std::set<std::string> wanted;
  std::set<std::string> confirmed;  // By Redis, on this connection.
  bool announced = false;           // `subscribed` was called for this connection.
  bool again = false;               // It was called before.
  std::string trouble;
  Timer changed;  // Never expires; cancelled whenever `confirmed` changes.
};

awaitable<void> Subscriber::State::keep_subscribed() {
  Backoff backoff(options.backoff);
  for (;;) {
    const std::shared_ptr<Connection> fresh = co_await attempt();
    if (fresh) {
      backoff.reset();
      adopt(fresh);
      co_await watch();
      lose();
    }
    const Millis delay = backoff.next(env.random);
    co_await sleep_for(delay);
  }
}

// Null when it failed.
awaitable<std::shared_ptr<Connection>> Subscriber::State::attempt() {
  std::string why;
  std::shared_ptr<Connection> fresh;
  try {
    awaitable<std::shared_ptr<Connection>> opening = Connection::open(options);
    fresh = co_await with_timeout(std::move(opening), options.connect_timeout);
    if (options.on_connect) {
      awaitable<void> preparing = options.on_connect(*fresh);
      co_await with_timeout(std::move(preparing), options.command_timeout);
    }
    co_return fresh;
  } catch (const system_error& error) {
    if (fresh) fresh->close("given up");  // Or its reader would keep it alive.
    if (error.code() == net::error::operation_aborted) throw;
    why = what(error);
  }
  if (why != trouble) {
    env.log.warn("redis_unreachable", "url", masked(options.url), "error", why);
  }
  trouble = why;
  co_return nullptr;
}

void Subscriber::State::adopt(std::shared_ptr<Connection> fresh) {
  connection = std::move(fresh);
  connection->events.pushed = [this](Reply push) {
    received(std::move(push));
  };
  trouble.clear();
  announced = false;
  if (!wanted.empty()) {
    Command subscribe("SUBSCRIBE");
    subscribe.args(wanted);
    connection->send(subscribe);
  }
  confirm();
}

// Returns when the connection is closed. A silent server is asked for a sign of life.
awaitable<void> Subscriber::State::watch() {
  const std::shared_ptr<Connection> mine = connection;
  const Millis pause = options.command_timeout / 4;
  for (;;) {
    const bool closed = co_await mine->wait_closed(pause);
    if (closed) co_return;
    const auto silent = Call::Clock::now() - mine->last_received();
    if (silent >= options.command_timeout) {
      mine->close("Redis does not answer");
    } else if (silent >= pause / 2) {
      mine->send(Command("PING"));
    }
  }
}

void Subscriber::State::received(Reply push) {
  if (push.is_error()) {
    env.log.error("redis_subscribe_refused", "error", push.error_text());
    return;
  }
  if (!push.is_array()) return;  // PONG before the first SUBSCRIBE.
  std::vector<Reply>& parts = push.as_array();
  if (parts.size() != 3) return;  // PONG.
  const std::string kind = parts[0].text();
  if (kind == "message" && (parts[2].is_array() || parts[2].is_nil())) {
    std::vector<std::string> keys;
    for (const Reply& key : parts[2].as_array()) keys.push_back(key.text());
    events.invalidated(keys);
  } else if (kind == "message") {
    Message message{parts[1].text(), parts[2].text()};
    events.message(std::move(message));
  } else if (kind == "subscribe") {
    confirmed.insert(parts[1].text());
    confirm();
  } else if (kind == "unsubscribe" && !parts[1].is_nil()) {
    confirmed.erase(parts[1].text());
    confirm();
  }
}

void Subscriber::State::confirm() {
  changed.cancel();
  if (announced || confirmed != wanted) return;
  announced = true;
  events.subscribed(std::exchange(again, true));
}

void Subscriber::State::lose() {
  env.log.warn("redis_subscriber_lost", "url", masked(options.url), "error",
               connection->close_reason());
  connection->events = Connection::Events();
  connection = nullptr;
  confirmed.clear();
  events.lost();
}

awaitable<void> Subscriber::State::wait_confirmed() {
  while (!connection || confirmed != wanted) {
    const auto [error] = co_await changed.async_wait(net::as_tuple(use_awaitable));
    const net::cancellation_state cancellation = co_await net::this_coro::cancellation_state;
    if (cancellation.cancelled() != net::cancellation_type::none) throw system_error(error);
  }
}

Subscriber::Subscriber(const Env& env, const Executor& executor, ClientOptions options,
                       SubscriberEvents events)
    : state_(std::make_shared<State>(env, executor, std::move(options), std::move(events))) {}

Subscriber::~Subscriber() {
  if (!state_->connection) return;
  state_->connection->events = Connection::Events();
  state_->connection->close("stopped");
}

awaitable<void> Subscriber::run() {
  const std::shared_ptr<State> state = state_;
  try {
    co_await state->keep_subscribed();
  } catch (...) {
    if (state->connection) {
      state->connection->close("stopped");
      state->connection->events = Connection::Events();
      state->connection = nullptr;
    }
    state->confirmed.clear();
    throw;
  }
}

void Subscriber::subscribe(std::string channel) {
  const auto [where, fresh] = state_->wanted.insert(std::move(channel));
  if (fresh && state_->connection) state_->connection->send(Command("SUBSCRIBE", *where));
}

void Subscriber::unsubscribe(const std::string& channel) {
  const bool known = state_->wanted.erase(channel) > 0;
  if (known && state_->connection) state_->connection->send(Command("UNSUBSCRIBE", channel));
}

awaitable<void> Subscriber::wait_subscribed(Millis limit) {
  const std::shared_ptr<State> state = state_;
  co_await with_timeout(state->wait_confirmed(), limit);
}

bool Subscriber::connected() const {
  return state_->connection != nullptr;
}

}  // namespace seendr::redis
