// celery_send, celery_worker, celery_revoke: tasks, set against Celery.
#include <algorithm>
#include <csignal>

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>

#include "runtime/sleep.hpp"
#include "runtime/task_group.hpp"
#include "tasks/client.hpp"
#include "tasks/worker.hpp"

#include "interop/peer.hpp"

namespace seendr::peer {

namespace {

using tasks::TaskContext;

Millis millis(double seconds) {
  return Millis(static_cast<std::int64_t>(seconds * 1000));
}

json::value parse_value(const std::string& text) {
  error_code error;
  json::value value = json::parse(text, error);
  if (error) throw PythonError("ValueError");
  return value;
}

struct SendOptions {
  std::string task;
  std::string args = "[]";
  std::string kwargs = "{}";
  double countdown = 0;
  double expires = 0;
  int priority = 0;
  std::string id;
  double wait = 0;
  std::string name = "peer@interop";
};

SendOptions parse_words(Words words) {
  SendOptions options;
  CLI::App parser("A command about tasks");
  parser.add_option("task", options.task);
  parser.add_option("args", options.args);
  parser.add_option("--kwargs", options.kwargs);
  parser.add_option("--countdown", options.countdown);
  parser.add_option("--expires", options.expires);
  parser.add_option("--priority", options.priority)->check(CLI::Range(0, 9));
  parser.add_option("--task-id", options.id);
  parser.add_option("--wait", options.wait);
  parser.add_option("--name", options.name);
  std::reverse(words.begin(), words.end());  // As the parser wants them.
  try {
    parser.parse(words);
  } catch (const CLI::ParseError&) {
    throw PythonError("ValueError");
  }
  return options;
}

tasks::Task task_of(const SendOptions& options, const Flags& flags) {
  tasks::Task task;
  task.name = options.task;
  const json::value args = parse_value(options.args);
  const json::value kwargs = parse_value(options.kwargs);
  if (!args.is_array() || !kwargs.is_object()) throw PythonError("TypeError");
  task.args = args.get_array();
  task.kwargs = kwargs.get_object();
  task.queue = flags.queue;
  task.id = options.id;
  task.priority = options.priority;
  task.countdown = millis(options.countdown);
  task.expires = millis(options.expires);
  return task;
}

void print_result(const std::string& id, const result<tasks::Result>& found) {
  json::object line;
  line["id"] = id;
  if (!found) {
    line["state"] = "PENDING";
    line["timeout"] = true;
  } else {
    const json::value stored = json::parse(tasks::encode(*found));
    line["state"] = stored.at("status");
    line["result"] = stored.at("result");
  }
  print_text(json::serialize(line));
}

tasks::ClientOptions for_python() {
  tasks::ClientOptions options;
  options.timers = false;
  return options;
}

awaitable<int> celery_send(Peer& peer, Words words) {
  const SendOptions options = parse_words(std::move(words));
  tasks::Client client(peer.env, peer.redis, for_python());
  TaskGroup loops(peer.redis.executor(), [](const std::string&, std::exception_ptr) {});
  loops.spawn("results", client.run());
  std::exception_ptr failure;
  try {
    const result<std::string> id = co_await client.enqueue(task_of(options, peer.flags));
    if (!id) throw PythonError("OperationalError", Json{{"detail", id.error().message()}});
    if (options.wait > 0) {
      const result<tasks::Result> found = co_await client.await_result(*id, millis(options.wait));
      print_result(*id, found);
    } else {
      print({{"id", *id}});
    }
  } catch (...) {
    failure = std::current_exception();
  }
  loops.cancel();
  co_await loops.join();
  if (failure) std::rethrow_exception(failure);
  co_return 0;
}

awaitable<int> celery_revoke(Peer& peer, Words words) {
  tasks::Client client(peer.env, peer.redis, for_python());
  const result<void> revoked = co_await client.revoke(words[0]);
  if (!revoked) throw PythonError("OperationalError");
  print({{"revoked", words[0]}});
  co_return 0;
}

json::value sum_of(const json::array& numbers) {
  std::int64_t sum = 0;
  for (const json::value& one : numbers) sum += one.to_number<std::int64_t>();
  return sum;
}

awaitable<json::value> probe_add(TaskContext& task) {
  json::array numbers = task.args();
  if (const json::value* y = task.kwargs().if_contains("y")) numbers.push_back(*y);
  co_return sum_of(numbers);
}

awaitable<json::value> probe_echo(TaskContext& task) {
  json::object all;
  all["args"] = task.args();
  all["kwargs"] = task.kwargs();
  co_return all;
}

awaitable<json::value> probe_fail(TaskContext& task) {
  json::array arguments;
  if (task.args().empty()) {
    arguments.emplace_back("boom");
  } else {
    arguments.push_back(task.args().front());
  }
  arguments.emplace_back(42);
  throw tasks::TaskError("ValueError", std::move(arguments));
  co_return nullptr;
}

awaitable<json::value> probe_sleep(TaskContext& task) {
  co_await sleep_for(millis(task.args().at(0).to_number<double>()));
  co_return task.args().at(0);
}

awaitable<json::value> probe_sum(TaskContext& task) {
  co_return sum_of(task.args().at(0).as_array());
}

awaitable<json::value> probe_info(TaskContext& task) {
  const tasks::Message& message = task.message();
  json::object info;
  info["routing_key"] = message.queue;
  json::object all;
  all["id"] = message.id;
  all["task"] = message.task;
  all["retries"] = message.retries;
  all["deliveries"] = message.deliveries;
  all["priority"] = message.priority;
  all["root_id"] = message.root_id;
  all["parent_id"] = message.parent_id;
  all["delivery_info"] = std::move(info);
  co_return all;
}

awaitable<json::value> probe_retry(TaskContext& task) {
  const int retries = task.message().retries;
  if (retries < task.args().at(0).to_number<int>()) {
    throw tasks::TaskError("Retry", {}, "celery.exceptions").after(Millis(200));
  }
  json::object all;
  all["retries"] = retries;
  co_return all;
}

void add_probes(tasks::Registry& registry) {
  tasks::KindOptions often;
  often.retry.max = 100;
  registry.on("probe.add", {}, probe_add);
  registry.on("probe.echo", {}, probe_echo);
  registry.on("probe.fail", {}, probe_fail);
  registry.on("probe.sleep", {}, probe_sleep);
  registry.on("probe.sum", {}, probe_sum);
  registry.on("probe.info", {}, probe_info);
  registry.on("probe.retry", often, probe_retry);
}

// Until SIGTERM or SIGINT, or for --seconds.
awaitable<void> until_told(tasks::Worker& worker, double seconds) {
  const Executor executor = co_await net::this_coro::executor;
  net::basic_signal_set<Executor> signals(executor, SIGTERM, SIGINT);
  if (seconds > 0) {
    Timer end(executor, millis(seconds));
    auto race = net::experimental::make_parallel_group(signals.async_wait(net::deferred),
                                                       end.async_wait(net::deferred));
    co_await race.async_wait(net::experimental::wait_for_one(), use_awaitable);
  } else {
    co_await signals.async_wait(use_awaitable);
  }
  worker.stop();
}

awaitable<int> celery_worker(Peer& peer, Words words) {
  const SendOptions options = parse_words(std::move(words));
  redis::Client watching(peer.env, peer.redis.executor(), peer.redis.options());
  tasks::Registry registry;
  add_probes(registry);
  tasks::WorkerOptions work;
  work.queues.front().name = peer.flags.queue;
  work.concurrency = peer.flags.concurrency;
  work.store.visibility = millis(peer.flags.visibility_timeout);
  work.remote.node = options.name;
  work.remote.task_events = true;
  tasks::Worker worker(peer.env, peer.redis, watching, registry, std::move(work));
  TaskGroup loops(peer.redis.executor(), [](const std::string&, std::exception_ptr) {});
  loops.spawn("watching", watching.run());
  loops.spawn("end", until_told(worker, peer.flags.seconds));
  std::exception_ptr failure;
  try {
    co_await peer.redis.wait_connected(Millis(10'000));
    print({{"ready", true}, {"hostname", options.name}});
    co_await worker.run();
  } catch (...) {
    failure = std::current_exception();
  }
  loops.cancel();
  co_await loops.join();
  if (failure) std::rethrow_exception(failure);
  co_return 0;
}

}  // namespace

std::vector<Command> task_commands() {
  return {{"celery_send",
           "TASK [ARGS] [--kwargs JSON] [--countdown S] [--expires S] [--priority P] "
           "[--task-id ID] [--wait S]",
           1, 14, celery_send},
          {"celery_revoke", "ID", 1, 1, celery_revoke},
          {"celery_worker", "[--name peer@interop]", 0, 2, celery_worker}};
}

}  // namespace seendr::peer
