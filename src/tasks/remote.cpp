#include "tasks/remote.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <unistd.h>
#include <utility>

#include "runtime/sleep.hpp"
#include "tasks/answer.lua.hpp"
#include "tasks/keys.hpp"

namespace seendr::tasks {

namespace {

constexpr std::size_t kMaxAnswers = 100;    // Under way at once; more questions are not heard.
constexpr std::size_t kMaxBuffered = 1000;  // Events; more are dropped.
constexpr Millis kFlush{100};
constexpr int kMaxRevoked = 1000;  // Named in an answer.

redis::ClientOptions listener(redis::ClientOptions options) {
  options.client_name += "-control";
  options.on_connect = {};
  return options;
}

// West of UTC, as Celery counts.
int hours_from_utc(std::time_t now) {
  std::tm local{};
  localtime_r(&now, &local);
  return static_cast<int>(-local.tm_gmtoff / 3600);
}

json::object ok(std::string text) {
  json::object answer;
  answer["ok"] = std::move(text);
  return answer;
}

json::object names_as_queues(const std::string& name) {
  json::object exchange;
  exchange["name"] = "";
  exchange["type"] = "direct";
  json::object queue;
  queue["name"] = name;
  queue["exchange"] = std::move(exchange);
  queue["routing_key"] = name;
  queue["durable"] = true;
  return queue;
}

template <class Range>
json::array array_of(const Range& texts) {
  json::array list;
  for (const auto& text : texts) list.emplace_back(text);
  return list;
}

}  // namespace

Remote::Remote(const Env& env, redis::Client& redis, Queues& queues, RemoteOptions options,
               std::function<Snapshot()> look)
    : env_(env),
      redis_(redis),
      queues_(queues),
      options_(std::move(options)),
      look_(std::move(look)),
      events_(options_.task_events),
      began_(env.clock.now()),
      answer_(kAnswerLua),
      subscriber_(env, redis.executor(), listener(redis.options()), listening()),
      answers_(redis.executor(), [this](const std::string& name, std::exception_ptr error) {
        env_.log.debug("control_failed", "method", name, "error", what(error));
      }) {
  subscriber_.subscribe(control_channel(redis.options().url.db));
}

awaitable<void> Remote::run() {
  const bool shown = !options_.node.empty();
  if (shown) {
    answers_.spawn("heartbeat", beat());
    answers_.spawn("events", flush());
  }
  std::exception_ptr failure;
  try {
    co_await subscriber_.run();
  } catch (...) {
    failure = std::current_exception();
  }
  co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  answers_.cancel();
  co_await answers_.join();
  if (shown && redis_.connected()) {
    try {
      co_await tell_buffered();
      co_await tell_of_worker("worker-offline");
    } catch (const system_error& error) {
      env_.log.debug("control_failed", "method", "offline", "error", what(error));
    }
  }
  if (failure) std::rethrow_exception(failure);
}

redis::SubscriberEvents Remote::listening() {
  redis::SubscriberEvents events;
  events.message = [this](const redis::Message& message) {
    received(message.payload);
  };
  return events;
}

void Remote::received(const std::string& envelope) {
  std::optional<ControlRequest> request = decode_control(envelope);
  if (!request || answers_.size() >= kMaxAnswers) return;
  clock_ = std::max(clock_, request->clock) + 1;
  if (!is_meant(*request, options_.node)) return;
  std::string name = request->method;
  answers_.spawn(std::move(name), answer(std::move(*request)));
}

awaitable<void> Remote::answer(ControlRequest request) {
  std::vector<std::string> ids = revoked_by(request);
  if (!ids.empty()) {
    co_await queues_.revoke(std::move(ids));
  }
  if (options_.node.empty()) co_return;
  json::value found = co_await answer_to(request);
  if (request.reply_to.empty()) co_return;
  const std::string envelope =
      encode_answer(request, options_.node, std::move(found), ++clock_, env_.random);
  co_await answer_.run(redis_, 1, std::string_view(kReplyBinding), request.reply_to, envelope);
}

// What has to be asked for first, or done.
awaitable<json::value> Remote::answer_to(ControlRequest request) {
  const std::string& method = request.method;
  if (method == "hello") {
    const json::value* from = request.arguments.if_contains("from_node");
    if (from && *from == json::value(options_.node)) co_return nullptr;
    json::object known;
    const std::vector<std::string> ids = co_await revoked();
    const double now = static_cast<double>(env_.clock.wall_ms()) / 1000;
    for (const std::string& id : ids) known[id] = now;
    json::object all;
    all["revoked"] = std::move(known);
    all["clock"] = clock_;
    co_return all;
  }
  if (method == "revoked") {
    const std::vector<std::string> ids = co_await revoked();
    co_return array_of(ids);
  }
  if (method == "heartbeat") {
    co_await tell_of_worker("worker-heartbeat");
    co_return nullptr;
  }
  co_return know(request);
}

json::value Remote::know(const ControlRequest& request) {
  const std::string& method = request.method;
  if (method == "ping") return ok("pong");
  if (method == "revoke") return ok("tasks flagged as revoked");
  if (method == "enable_events" || method == "disable_events") {
    events_ = method == "enable_events";
    return ok(events_ ? "task events enabled" : "task events disabled");
  }
  const Snapshot now = look_();
  if (method == "stats") return stats(now);
  if (method == "registered") return array_of(now.registered);
  json::array list;
  if (method == "active" || method == "reserved") {
    for (const KnownTask& task : now.tasks) {
      if ((task.started > 0) == (method == "active")) list.emplace_back(request_of(task));
    }
    return list;
  }
  if (method == "scheduled") return list;  // Delayed tasks are nobody's until they are due.
  if (method == "active_queues") {
    for (const std::string& name : now.queues) list.emplace_back(names_as_queues(name));
    return list;
  }
  json::object fields;
  if (method == "clock") {
    fields["clock"] = clock_;
  } else if (method == "query_task") {
    for (const KnownTask& task : now.tasks) {
      const json::value* wanted = request.arguments.if_contains("ids");
      const json::array* ids = wanted ? wanted->if_array() : nullptr;
      if (!ids || std::find(ids->begin(), ids->end(), json::value(task.id)) == ids->end()) continue;
      json::array state;
      state.emplace_back(task.started > 0 ? "active" : "reserved");
      state.emplace_back(request_of(task));
      fields[task.id] = std::move(state);
    }
  } else if (method != "conf") {
    fields["error"] = "not supported: " + method;
  }
  return fields;
}

json::value Remote::stats(const Snapshot& now) {
  json::object totals;
  for (const auto& [name, count] : now.totals) totals[name] = count;
  json::object pool;
  pool["max-concurrency"] = now.concurrency;
  pool["processes"] = json::array(1, getpid());
  pool["implementation"] = "seendr";
  json::object broker;
  broker["transport"] = "redis";
  json::object all;
  all["total"] = std::move(totals);
  all["pid"] = getpid();
  all["clock"] = std::to_string(clock_);
  all["uptime"] =
      std::chrono::duration_cast<std::chrono::seconds>(env_.clock.now() - began_).count();
  all["pool"] = std::move(pool);
  all["broker"] = std::move(broker);
  all["prefetch_count"] = now.concurrency;
  all["rusage"] = json::object();
  return all;
}

json::object Remote::request_of(const KnownTask& task) const {
  json::object info;
  info["exchange"] = "";
  info["routing_key"] = task.queue;
  info["priority"] = 0;
  info["redelivered"] = nullptr;
  json::object request;
  request["id"] = task.id;
  request["name"] = task.name;
  request["type"] = task.name;
  request["args"] = task.args;
  request["kwargs"] = task.kwargs;
  request["hostname"] = options_.node;
  request["time_start"] = task.started > 0 ? json::value(task.started) : json::value(nullptr);
  request["acknowledged"] = false;
  request["delivery_info"] = std::move(info);
  request["worker_pid"] = getpid();
  return request;
}

awaitable<std::vector<std::string>> Remote::revoked() {
  std::vector<std::string> none;
  co_await queues_.revoke(std::move(none));  // Forgets whose time has passed.
  const redis::Command range("ZRANGE", std::string_view(kRevokedKey), 0, kMaxRevoked - 1);
  const redis::Reply reply = co_await redis_.exec(range);
  std::vector<std::string> ids;
  for (const redis::Reply& id : reply.as_array()) ids.push_back(id.text());
  co_return ids;
}

awaitable<void> Remote::beat() {
  std::string type = "worker-online";
  for (;;) {
    std::exception_ptr failure;
    try {
      co_await tell_of_worker(type);
      type = "worker-heartbeat";
    } catch (const system_error&) {
      failure = std::current_exception();
    }
    if (failure && is_cancellation(failure)) std::rethrow_exception(failure);
    co_await sleep_for(options_.heartbeat);
  }
}

// Those of a moment go together.
awaitable<void> Remote::flush() {
  for (;;) {
    co_await sleep_for(kFlush);
    std::exception_ptr failure;
    try {
      co_await tell_buffered();
    } catch (const system_error&) {
      failure = std::current_exception();
    }
    if (failure && is_cancellation(failure)) std::rethrow_exception(failure);
  }
}

awaitable<void> Remote::tell_buffered() {
  if (buffered_.empty()) co_return;
  co_await publish(std::exchange(buffered_, json::array()), "task.multi");
}

awaitable<void> Remote::tell_of_worker(std::string type) {
  const Snapshot now = look_();
  std::uint64_t processed = 0;
  for (const auto& [name, count] : now.totals) processed += count;
  double load[3] = {0, 0, 0};
  if (getloadavg(load, 3) != 3) std::fill(load, load + 3, 0.0);
  json::object event = stamped(type);
  event["freq"] = static_cast<double>(options_.heartbeat.count()) / 1000;
  event["active"] = std::count_if(now.tasks.begin(), now.tasks.end(),
                                  [](const KnownTask& task) { return task.started > 0; });
  event["processed"] = processed;
  event["loadavg"] = json::array(load, load + 3);
  event["sw_ident"] = "seendr";
  event["sw_ver"] = "1";
  event["sw_sys"] = "Linux";
  std::replace(type.begin(), type.end(), '-', '.');
  co_await publish(std::move(event), std::move(type));
}

awaitable<void> Remote::publish(json::value body, std::string routing_key) {
  const std::string channel = event_channel(redis_.options().url.db, routing_key);
  const std::string text = encode_event(std::move(body), options_.node, routing_key, env_.random);
  redis::Command publish("PUBLISH", channel, text);
  co_await redis_.exec(std::move(publish));
}

void Remote::event(std::string_view type, json::object fields) {
  if (!wants_events() || buffered_.size() >= kMaxBuffered) return;
  json::object event = stamped(type);
  for (auto& [key, value] : fields) event[key] = std::move(value);
  buffered_.push_back(std::move(event));
}

json::object Remote::stamped(std::string_view type) {
  const std::int64_t now = env_.clock.wall_ms();
  json::object event;
  event["type"] = type;
  event["hostname"] = options_.node;
  event["pid"] = getpid();
  event["utcoffset"] = hours_from_utc(static_cast<std::time_t>(now / 1000));
  event["clock"] = ++clock_;
  event["timestamp"] = static_cast<double>(now) / 1000;
  return event;
}

}  // namespace seendr::tasks
