#include "cli/command.hpp"

#include "app/app.hpp"

extern char** environ;  // NOLINT(readability-identifier-naming): POSIX' name.

namespace seendr::cli {

void Flags::option(CLI::App& command, const std::string& name, const std::string& key,
                   const std::string& help) {
  command.add_option_function<std::string>(
      name, [values = values_, key](const std::string& value) { values->pairs[key] = value; },
      help);
}

void Flags::flag(CLI::App& command, const std::string& name, const std::string& key,
                 const std::string& value, const std::string& help) {
  command.add_flag_callback(
      name, [values = values_, key, value] { values->pairs[key] = value; }, help);
}

void Flags::list(CLI::App& command, const std::string& name, const std::string& key,
                 const std::string& help) {
  command.add_option_function<std::vector<std::string>>(
      name,
      [values = values_, key](const std::vector<std::string>& items) {
        values->pairs[key] = CLI::detail::join(items, ",");
      },
      help);
}

void Flags::file(CLI::App& command) {
  command.add_option_function<std::string>(
      "--config", [values = values_](const std::string& path) { values->file = path; },
      "TOML file with configuration");
}

void Flags::data_dir(CLI::App& command) {
  file(command);
  option(command, "--data-dir", "server.data_dir", "Directory of the managed services");
}

app::Settings Flags::load() const {
  return app::Settings::load(environment(), values_->file, values_->pairs);
}

app::Settings::Pairs environment() {
  app::Settings::Pairs pairs;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) {
      pairs[std::string(text.substr(0, equals))] = std::string(text.substr(equals + 1));
    }
  }
  return pairs;
}

void add_commands(CLI::App& program, int& status) {
  program.name("seendr");
  program.description(
      "Seendr pairs strangers who share interests and puts each pair into a video call.");
  program.require_subcommand(1);
  program.set_version_flag("--version", "seendr 0.1.0");
  add_serve(program, status);
  add_worker(program, status);
  add_scheduler(program, status);
  add_migrate(program, status);
  add_seed(program, status);
  add_config(program, status);
  add_admin(program, status);
  add_tasks(program, status);
  add_schedule(program, status);
  add_bench(program, status);
}

std::optional<std::string> unknown_word(const CLI::App& program, std::span<char* const> words) {
  const CLI::App* command = &program;
  for (const char* word : words) {
    if (command->get_require_subcommand_min() == 0) break;
    if (command->get_option_no_throw(word)) break;  // Its --help.
    const auto found =
        command->get_subcommands([word](const CLI::App* sub) { return sub->check_name(word); });
    if (found.empty()) return word;
    command = found.front();
  }
  return std::nullopt;
}

Process::Process(const app::Settings& settings)
    : env{clock, random, Logger(app::log_format(settings), app::log_level(settings)), metrics} {}

app::Services find_services(const Env& env, const app::Settings& settings,
                            const std::string& command) {
  if (!app::is_managed(settings)) return app::Services{app::configured_urls(settings), nullptr};
  return app::attach_or_start(env, app::managed_options(settings, environment(), command));
}

Backend::Backend(const Env& env, const app::Settings& settings, const std::string& command)
    : services(find_services(env, settings, command)),
      redis(env, io.get_executor(),
            app::redis_options(settings, services.urls.redis, "seendr-cli")),
      database(env, app::database_options(settings, services.urls.database)) {}

namespace {

awaitable<int> with_redis(Backend& backend, const Env& env, std::function<awaitable<int>()> body) {
  TaskGroup tasks(backend.io.get_executor(), [&env](const std::string& name, std::exception_ptr e) {
    env.log.error("loop_failed", "loop", name, "error", what(e));
  });
  tasks.spawn("redis", backend.redis.run());
  int status = kFailed;
  std::exception_ptr failure;
  try {
    status = co_await body();
  } catch (...) {
    failure = std::current_exception();
  }
  tasks.cancel();
  co_await tasks.join();
  if (failure) std::rethrow_exception(failure);
  co_return status;
}

}  // namespace

int run(Backend& backend, const Env& env, std::function<awaitable<int>()> body) {
  int status = kFailed;
  std::exception_ptr failure;
  net::co_spawn(backend.io, with_redis(backend, env, std::move(body)),
                [&](std::exception_ptr error, int value) {
                  failure = error;
                  status = value;
                });
  backend.io.run();
  if (failure) std::rethrow_exception(failure);
  return status;
}

}  // namespace seendr::cli
