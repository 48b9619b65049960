// `seendr tasks …`: what waits, runs, is delayed or dead, and what to do about it.
#include <cstdio>

#include "app/settings/config.hpp"
#include "cli/command.hpp"
#include "cli/table.hpp"
#include "tasks/client.hpp"
#include "tasks/dead_letters.hpp"
#include "tasks/inspector.hpp"

namespace seendr::cli {

namespace {

constexpr std::size_t kMostLetters = 10'000;  // As many as are kept.

struct TaskArguments {
  Flags flags;
  std::vector<std::string> queues;
  std::string state;
  std::string id;
  std::size_t limit = 100;
  bool json = false;
  bool dead = false;
  bool all = false;
};
using Arguments = std::shared_ptr<TaskArguments>;

std::vector<std::string> queues_of(const TaskArguments& arguments, const app::Settings& settings) {
  return arguments.queues.empty() ? settings.list("tasks.queues") : arguments.queues;
}

json::object to_json(const tasks::SeenTask& seen) {
  json::object row{{"state", tasks::name(seen.stage)}, {"queue", seen.list}};
  if (seen.stage == tasks::Stage::running) row["worker"] = seen.worker;
  if (seen.stage == tasks::Stage::delayed) row["due"] = app::time_text(seen.due_ms);
  if (!seen.message) {
    row["problem"] = seen.message.error().message();
    return row;
  }
  const tasks::Message& message = *seen.message;
  row["queue"] = message.queue;
  row["id"] = message.id;
  row["task"] = message.task;
  row["args"] = message.args;
  row["kwargs"] = message.kwargs;
  row["attempt"] = message.retries + 1;
  row["priority"] = message.priority;
  return row;
}

json::object to_json(const tasks::DeadLetter& letter) {
  json::object row{{"letter", letter.name},
                   {"buried", app::time_text(letter.buried_ms)},
                   {"reason", letter.reason},
                   {"task", letter.task},
                   {"id", letter.id},
                   {"queue", letter.list},
                   {"exception", letter.exception}};
  const result<tasks::Message> message = tasks::decode(letter.envelope);
  if (message) {
    row["args"] = message->args;
    row["kwargs"] = message->kwargs;
    row["attempts"] = message->retries + 1;
  } else {
    row["message"] = letter.envelope;
  }
  return row;
}

awaitable<int> list(Backend& backend, Arguments arguments, std::vector<std::string> queues) {
  tasks::Inspector inspector(backend.redis);
  const std::string& state = arguments->state;
  json::array rows;
  const auto add = [&rows, &arguments](const std::vector<tasks::SeenTask>& found) {
    for (const tasks::SeenTask& seen : found) {
      if (rows.size() < arguments->limit) rows.push_back(to_json(seen));
    }
  };
  if (state.empty() || state == "running") {
    const std::vector<tasks::SeenTask> found = co_await inspector.running(arguments->limit);
    add(found);
  }
  for (const std::string& queue : queues) {
    if (!state.empty() && state != "waiting") break;
    const std::vector<tasks::SeenTask> found = co_await inspector.waiting(queue, arguments->limit);
    add(found);
  }
  if (state.empty() || state == "delayed") {
    const std::vector<tasks::SeenTask> found = co_await inspector.delayed(arguments->limit);
    add(found);
  }
  print_rows(rows, {"state", "id", "task", "queue", "attempt", "due", "args", "kwargs", "problem"},
             arguments->json);
  if (arguments->json) co_return kOk;
  const tasks::Sizes sizes = co_await inspector.sizes(std::move(queues));
  std::string line;
  for (const tasks::QueueSize& size : sizes.queues) {
    line += std::to_string(size.waiting) + " waiting in " + size.queue + ", ";
  }
  std::fprintf(stderr, "%s%zu running, %zu delayed, %zu dead\n", line.c_str(), sizes.running,
               sizes.delayed, sizes.dead);
  co_return kOk;
}

// By its own name, or the newest of the task with that id.
awaitable<std::optional<tasks::DeadLetter>> find_letter(tasks::DeadLetters& letters,
                                                        std::string id) {
  std::optional<tasks::DeadLetter> named = co_await letters.show(id);
  if (named) co_return named;
  std::vector<tasks::DeadLetter> all = co_await letters.list(kMostLetters);
  for (tasks::DeadLetter& letter : all) {
    if (letter.id == id) co_return std::move(letter);
  }
  co_return std::nullopt;
}

void print_outcome(const char* what, std::size_t count, bool as_json) {
  if (as_json) {
    print_fields({{what, count}}, true);
  } else {
    std::printf("%zu %s\n", count, what);
  }
}

int unknown_task(const std::string& id, const char* where) {
  std::fprintf(stderr, "seendr: there is no task %s%s\n", id.c_str(), where);
  return kFailed;
}

awaitable<int> show(Backend& backend, const Env& env, Arguments arguments,
                    std::vector<std::string> queues) {
  const std::string id = arguments->id;
  tasks::Inspector inspector(backend.redis);
  tasks::DeadLetters letters(backend.redis);
  tasks::Client client(env, backend.redis);
  json::object row;
  const std::optional<tasks::SeenTask> seen = co_await inspector.find(id, std::move(queues));
  const std::optional<tasks::DeadLetter> letter = co_await find_letter(letters, id);
  const std::string task_id = letter ? letter->id : id;
  const result<tasks::Result> stored = co_await client.look(task_id);
  if (!stored) throw system_error(stored.error());
  if (seen) {
    row = to_json(*seen);
  } else if (letter) {
    row = to_json(*letter);
    row["state"] = "dead";
  } else {
    if (stored->state == tasks::State::pending) co_return unknown_task(id, "");
    row["id"] = id;
    row["state"] = "done";
  }
  if (stored->state != tasks::State::pending) row["result"] = json::parse(tasks::encode(*stored));
  print_fields(row, arguments->json);
  co_return kOk;
}

awaitable<int> retry(Backend& backend, Arguments arguments) {
  tasks::DeadLetters letters(backend.redis);
  std::vector<tasks::DeadLetter> chosen;
  if (arguments->all) {
    chosen = co_await letters.list(kMostLetters);
  } else {
    std::optional<tasks::DeadLetter> letter = co_await find_letter(letters, arguments->id);
    if (!letter) co_return unknown_task(arguments->id, " among the dead");
    chosen.push_back(std::move(*letter));
  }
  std::size_t count = 0;
  for (auto letter = chosen.rbegin(); letter != chosen.rend(); ++letter) {  // The oldest first.
    const bool replayed = co_await letters.replay(letter->name);
    if (replayed) ++count;
  }
  print_outcome("retried", count, arguments->json);
  co_return kOk;
}

awaitable<int> cancel(Backend& backend, const Env& env, Arguments arguments,
                      std::vector<std::string> queues) {
  const std::string id = arguments->id;
  tasks::Client client(env, backend.redis);
  const result<void> revoked = co_await client.revoke(id);
  if (!revoked) throw system_error(revoked.error());
  tasks::Inspector inspector(backend.redis);
  const std::optional<tasks::SeenTask> seen = co_await inspector.find(id, std::move(queues));
  if (!seen) {
    std::fprintf(stderr,
                 "seendr: no task %s runs, waits or is delayed; if one comes, it is not run\n",
                 id.c_str());
  }
  if (arguments->json) {
    print_fields({{"cancelled", id}, {"found", seen.has_value()}}, true);
  } else {
    std::printf("cancelled\t%s\n", id.c_str());
  }
  co_return kOk;
}

awaitable<int> dead(Backend& backend, Arguments arguments) {
  tasks::DeadLetters letters(backend.redis);
  const std::vector<tasks::DeadLetter> found = co_await letters.list(arguments->limit);
  json::array rows;
  for (const tasks::DeadLetter& letter : found) rows.push_back(to_json(letter));
  print_rows(rows, {"buried", "id", "task", "queue", "reason", "exception", "args", "kwargs"},
             arguments->json);
  co_return kOk;
}

awaitable<int> purge(Backend& backend, Arguments arguments) {
  std::size_t count = 0;
  if (arguments->dead) {
    tasks::DeadLetters letters(backend.redis);
    count += co_await letters.purge();
  }
  tasks::Inspector inspector(backend.redis);
  for (const std::string& queue : arguments->queues) {
    const std::size_t dropped = co_await inspector.purge(queue);
    count += dropped;
  }
  print_outcome("dropped", count, arguments->json);
  co_return kOk;
}

using Body = std::function<awaitable<int>(Backend&, const Env&, const app::Settings&)>;

int with_redis(const TaskArguments& arguments, const Body& body) {
  const app::Settings settings = arguments.flags.load();
  const Process process(settings);
  Backend backend(process.env, settings, "seendr tasks");
  return run(backend, process.env, [&] { return body(backend, process.env, settings); });
}

CLI::App& add_command(CLI::App& tasks, const char* name, const char* help, const Arguments& a) {
  CLI::App& command = *tasks.add_subcommand(name, help);
  a->flags.data_dir(command);
  return command;
}

void add_reading(CLI::App& command, const Arguments& a) {
  command.add_flag("--json", a->json, "As JSON");
}

void add_queues(CLI::App& command, const Arguments& a, const char* help) {
  command.add_option("--queue", a->queues, help)->allow_extra_args(false);
}

void add_limit(CLI::App& command, const Arguments& a) {
  command.add_option("--limit", a->limit, "At most so many [100]")
      ->check(in_range<std::size_t>(1, kMostLetters));
}

}  // namespace

void add_tasks(CLI::App& program, int& status) {
  CLI::App& tasks = *program.add_subcommand("tasks", "Background tasks");
  tasks.require_subcommand(1);
  const auto fresh = [] {
    return std::make_shared<TaskArguments>();
  };

  const Arguments listing = fresh();
  CLI::App& list_command =
      add_command(tasks, "list", "Tasks that run, wait, or are delayed", listing);
  add_reading(list_command, listing);
  add_queues(list_command, listing, "Queue to look at; may be repeated [tasks.queues]");
  list_command.add_option("--state", listing->state, "waiting, running or delayed [all]")
      ->check(CLI::IsMember({"waiting", "running", "delayed"}));
  add_limit(list_command, listing);
  list_command.callback([listing, &status] {
    status = with_redis(*listing, [&](Backend& backend, const Env&, const app::Settings& settings) {
      return list(backend, listing, queues_of(*listing, settings));
    });
  });

  const Arguments showing = fresh();
  CLI::App& show_command =
      add_command(tasks, "show", "One task: where it is, and its result", showing);
  add_reading(show_command, showing);
  show_command.add_option("ID", showing->id, "The task's id")->required();
  add_queues(show_command, showing, "Queue to look at; may be repeated [tasks.queues]");
  show_command.callback([showing, &status] {
    status =
        with_redis(*showing, [&](Backend& backend, const Env& env, const app::Settings& settings) {
          return show(backend, env, showing, queues_of(*showing, settings));
        });
  });

  const Arguments retrying = fresh();
  CLI::App& retry_command =
      add_command(tasks, "retry", "Put a dead task back into its queue", retrying);
  add_reading(retry_command, retrying);
  CLI::Option* id = retry_command.add_option("ID", retrying->id, "The task's id");
  CLI::Option* all = retry_command.add_flag("--all", retrying->all, "All that are dead");
  all->excludes(id);
  retry_command.callback([retrying, &status] {
    if (retrying->id.empty() && !retrying->all) throw app::ConfigError("give an ID, or --all");
    status = with_redis(*retrying, [&](Backend& backend, const Env&, const app::Settings&) {
      return retry(backend, retrying);
    });
  });

  const Arguments cancelling = fresh();
  CLI::App& cancel_command = add_command(
      tasks, "cancel", "Do not begin a task; tell it to stop if it has begun", cancelling);
  add_reading(cancel_command, cancelling);
  add_queues(cancel_command, cancelling, "Queue to look at; may be repeated [tasks.queues]");
  cancel_command.add_option("ID", cancelling->id, "The task's id")->required();
  cancel_command.callback([cancelling, &status] {
    status = with_redis(*cancelling,
                        [&](Backend& backend, const Env& env, const app::Settings& settings) {
                          return cancel(backend, env, cancelling, queues_of(*cancelling, settings));
                        });
  });

  const Arguments burying = fresh();
  CLI::App& dead_command = add_command(tasks, "dead", "Tasks that nobody will run", burying);
  add_reading(dead_command, burying);
  add_limit(dead_command, burying);
  dead_command.callback([burying, &status] {
    status = with_redis(*burying, [&](Backend& backend, const Env&, const app::Settings&) {
      return dead(backend, burying);
    });
  });

  const Arguments purging = fresh();
  CLI::App& purge_command = add_command(tasks, "purge", "Drop tasks for good", purging);
  add_reading(purge_command, purging);
  purge_command.add_flag("--dead", purging->dead, "Those that are dead");
  add_queues(purge_command, purging, "Those that wait in this queue; may be repeated");
  purge_command.callback([purging, &status] {
    if (!purging->dead && purging->queues.empty()) {
      throw app::ConfigError("say what to drop: --dead, or --queue NAME");
    }
    status = with_redis(*purging, [&](Backend& backend, const Env&, const app::Settings&) {
      return purge(backend, purging);
    });
  });
}

}  // namespace seendr::cli
