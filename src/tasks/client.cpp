#include "tasks/client.hpp"

#include <array>
#include <cassert>

#include "redis/error.hpp"
#include "tasks/control.hpp"
#include "tasks/enqueue.lua.hpp"
#include "tasks/keys.hpp"
#include "tasks/revoke.lua.hpp"
#include "tasks/signal.hpp"

namespace seendr::tasks {

namespace {

using std::chrono::microseconds;

bool is_unavailable(const system_error& error) {
  static constexpr std::array kAway = {redis::Errc::timed_out, redis::Errc::overloaded,
                                       redis::Errc::connection_lost, redis::Errc::stopped,
                                       redis::Errc::server_error};
  for (const redis::Errc one : kAway) {
    if (error.code() == one) return true;
  }
  return error.code() == boost::system::errc::timed_out;
}

std::int64_t due_ms(Time time) {
  return std::chrono::ceil<Millis>(time.time_since_epoch()).count();
}

redis::ClientOptions listening(redis::ClientOptions options) {
  options.client_name += "-results";
  options.on_connect = {};
  return options;
}

}  // namespace

// A coroutine that waits for one result: known to the client, and subscribed, while it lives.
class Client::Waiter {
 public:
  Waiter(Client& client, std::string channel)
      : news(client.redis_.executor()), client_(client), channel_(std::move(channel)) {
    place_ = client_.waiters_.emplace(channel_, this);
    client_.subscriber_.subscribe(channel_);
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() {
    client_.waiters_.erase(place_);
    if (client_.waiters_.count(channel_) == 0) client_.subscriber_.unsubscribe(channel_);
  }

  Signal news;

 private:
  Client& client_;
  std::string channel_;
  std::multimap<std::string, Waiter*>::iterator place_;
};

Client::Client(const Env& env, redis::Client& redis, ClientOptions options)
    : env_(env),
      redis_(redis),
      options_(options),
      enqueue_(kEnqueueLua),
      revoke_(kRevokeLua),
      reply_to_(make_uuid(env.random)),
      subscriber_(env, redis.executor(), listening(redis.options()), events()) {}

awaitable<void> Client::run() {
  co_await subscriber_.run();
}

redis::SubscriberEvents Client::events() {
  redis::SubscriberEvents events;
  events.message = [this](const redis::Message& message) {
    wake(message.channel);
  };
  events.subscribed = [this](bool again) {
    if (again) wake("");  // Messages may have been missed.
  };
  return events;
}

// Those who wait for the channel; all, without one.
void Client::wake(const std::string& channel) {
  for (auto& [waits_for, waiter] : waiters_) {
    if (channel.empty() || waits_for == channel) waiter->news.set();
  }
}

awaitable<Time> Client::redis_time() {
  const redis::Command time("TIME");
  const redis::Reply reply = co_await redis_.exec(time);
  const std::vector<redis::Reply>& parts = reply.as_array();
  if (parts.size() != 2) throw system_error(redis::Errc::bad_reply);
  co_return Time(microseconds(parts[0].as_int() * 1'000'000 + parts[1].as_int()));
}

awaitable<Message> Client::message_of(const Task& task) {
  Message message;
  message.id = task.id.empty() ? make_uuid(env_.random) : task.id;
  message.task = task.name;
  message.args = task.args;
  message.kwargs = task.kwargs;
  message.embed = task.embed;
  message.queue = task.queue;
  message.priority = task.priority;
  message.ignore_result = task.ignore_result;
  message.delivery_tag = make_uuid(env_.random);
  message.reply_to = reply_to_;
  message.eta = task.eta;
  if (task.time_limit > Millis(0)) {
    message.time_limit_s = static_cast<double>(task.time_limit.count()) / 1000;
  }
  const bool later = task.countdown > Millis(0) && !task.eta;
  if (later || task.expires > Millis(0)) {  // By Redis' clock, which the workers go by.
    const Time now = co_await redis_time();
    if (later) message.eta = now + task.countdown;
    if (task.expires > Millis(0)) message.expires = now + task.expires;
  }
  co_return message;
}

awaitable<result<std::string>> Client::enqueue(Task task) {
  assert(!task.name.empty() && !task.queue.empty());
  assert(task.queue.find('\n') == std::string::npos);
  assert(task.priority >= 0 && task.priority <= 9);
  std::string failed;
  try {
    const Message message = co_await message_of(task);
    const result<std::string> envelope = encode_within_limits(message);
    if (!envelope) co_return envelope.error();
    const bool timed = options_.timers && message.eta;
    const std::int64_t due = timed ? due_ms(*message.eta) : 0;
    const std::int64_t window = task.unique.empty() ? 0 : task.unique_window.count();
    const redis::Reply reply = co_await enqueue_.run(
        redis_, 4, list_key(task.queue, step_of(task.priority)), std::string_view(kTimersKey),
        std::string_view(kTimedKey), unique_key(task.unique), *envelope, message.delivery_tag, due,
        options_.queue_limit, message.id, window);
    if (reply.kind() != redis::Reply::Kind::integer) co_return Errc::duplicate;
    if (reply.as_int() == 0) co_return Errc::overloaded;
    co_return message.id;
  } catch (const system_error& error) {
    if (!is_unavailable(error)) throw;
    failed = what(error);
  }
  env_.log.warn("task_not_enqueued", "task", task.name, "error", failed);
  co_return Errc::unavailable;
}

awaitable<Result> Client::read(const std::string& id) {
  const redis::Command get("GET", result_key(id));
  const redis::Reply reply = co_await redis_.exec(get);
  const std::string* stored = reply.as_string();
  std::optional<Result> found;
  if (stored) found = decode_result(*stored);
  if (found) co_return std::move(*found);
  Result pending;
  pending.task_id = id;
  co_return pending;
}

awaitable<result<Result>> Client::look(std::string id) {
  try {
    co_return co_await read(id);
  } catch (const system_error& error) {
    if (!is_unavailable(error)) throw;
  }
  co_return Errc::unavailable;
}

// Subscribes before it reads, so that no result falls between the two.
awaitable<Result> Client::wait(std::string id, Millis limit) {
  const auto deadline = env_.clock.now() + limit;
  Waiter waiter(*this, result_key(id));
  co_await subscriber_.wait_subscribed(limit);
  for (;;) {
    Result found = co_await read(id);
    const auto now = env_.clock.now();
    if (is_final(found.state) || now >= deadline) co_return found;
    co_await waiter.news.wait(std::chrono::ceil<Millis>(deadline - now));
  }
}

awaitable<result<Result>> Client::await_result(std::string id, Millis limit) {
  if (waiters_.size() >= options_.max_waiting) co_return Errc::overloaded;
  try {
    Result found = co_await wait(std::move(id), limit);
    if (!is_final(found.state)) co_return Errc::not_finished;
    co_return std::move(found);
  } catch (const system_error& error) {
    if (!is_unavailable(error)) throw;
  }
  co_return Errc::unavailable;
}

awaitable<result<void>> Client::revoke(std::string id) {
  ControlRequest request;
  request.method = "revoke";
  request.arguments["task_id"] = id;
  request.arguments["terminate"] = false;
  request.arguments["signal"] = "SIGTERM";
  try {
    co_await revoke_.run(redis_, 1, std::string_view(kRevokedKey), options_.revoked_ttl.count(),
                         id);
    redis::Command tell("PUBLISH", control_channel(redis_.options().url.db),
                        encode_control(request, env_.random));
    tell.repeatable();
    co_await redis_.exec(std::move(tell));
    co_return result<void>();
  } catch (const system_error& error) {
    if (!is_unavailable(error)) throw;
  }
  co_return Errc::unavailable;
}

}  // namespace seendr::tasks
