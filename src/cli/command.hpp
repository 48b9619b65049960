// What every command shares: exit statuses, settings from flags and environment, a place to run.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <string>

#include <CLI/CLI.hpp>

#include "app/managed.hpp"
#include "app/settings/settings.hpp"
#include "base/env.hpp"
#include "postgres/database.hpp"
#include "redis/client.hpp"

namespace seendr::cli {

inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;  // One sentence on stderr.
inline constexpr int kUsage = 2;   // Wrong usage or configuration.

// Flags that stand for configuration keys, of one command.
class Flags {
 public:
  // `name`: "--port"; the flag's value becomes the value of `key`.
  void option(CLI::App& command, const std::string& name, const std::string& key,
              const std::string& help);
  void flag(CLI::App& command, const std::string& name, const std::string& key,
            const std::string& value, const std::string& help);
  void list(CLI::App& command, const std::string& name, const std::string& key,
            const std::string& help);
  void file(CLI::App& command);      // --config
  void data_dir(CLI::App& command);  // --config and --data-dir: commands that use the services.

  app::Settings load() const;  // Throws app::ConfigError.

 private:
  struct Values {
    app::Settings::Pairs pairs;
    std::string file;
  };
  std::shared_ptr<Values> values_ = std::make_shared<Values>();
};

app::Settings::Pairs environment();

// Clock, randomness, log and metrics of the process.
struct Process {
  explicit Process(const app::Settings& settings);

  SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  Env env;
};

// The services a command works with: those that are configured, or of the data directory.
app::Services find_services(const Env& env, const app::Settings& settings,
                            const std::string& command);

// The services a command works with, and clients for them on one event loop.
struct Backend {
  Backend(const Env& env, const app::Settings& settings, const std::string& command);

  app::Services services;
  net::io_context io{1};
  redis::Client redis;
  postgres::Database database;
};

// Runs `body` on the backend's event loop; rethrows what it throws.
int run(Backend& backend, const Env& env, std::function<awaitable<int>()> body);

// The first word that is no command where one is due ("admin repots": "repots"), for CLI11 would
// say only that one is missing. `words`: those after the program's name.
std::optional<std::string> unknown_word(const CLI::App& program, std::span<char* const> words);

// Takes a number in that range; what it says of another value names the range and the value.
template <typename Number>
CLI::Validator in_range(Number min, Number max) {
  std::ostringstream range;
  range << min << " to " << max;
  return CLI::Validator(
      [min, max, range = range.str()](const std::string& text) -> std::string {
        Number value{};
        const bool fits = CLI::detail::lexical_cast(text, value) && value >= min && value <= max;
        return fits ? "" : "must be a number from " + range + ", not \"" + text + "\"";
      },
      range.str());
}

// Each adds its command to the program; `status` is set when it was run.
void add_serve(CLI::App& program, int& status);
void add_migrate(CLI::App& program, int& status);
void add_seed(CLI::App& program, int& status);
void add_config(CLI::App& program, int& status);
void add_admin(CLI::App& program, int& status);
void add_bench(CLI::App& program, int& status);
void add_worker(CLI::App& program, int& status);
void add_scheduler(CLI::App& program, int& status);
void add_tasks(CLI::App& program, int& status);
void add_schedule(CLI::App& program, int& status);
void add_commands(CLI::App& program, int& status);  // All of them, and what `seendr` says itself.

}  // namespace seendr::cli
