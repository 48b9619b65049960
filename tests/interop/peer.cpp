#include "interop/peer.hpp"

#include <cstdio>
#include <iostream>

#include <CLI/CLI.hpp>

#include "codec/text.hpp"
#include "runtime/task_group.hpp"

namespace seendr::peer {

namespace {

constexpr const char* kBytes = "__bytes__";

std::vector<Command> all_commands() {
  std::vector<Command> commands;
  for (const auto& some :
       {channel_commands(), session_commands(), cache_commands(), task_commands()}) {
    commands.insert(commands.end(), some.begin(), some.end());
  }
  return commands;
}

void add_flags(CLI::App& program, Flags& flags) {
  program.add_option("--redis", flags.redis, "URL of the Redis to use");
  program.add_option("--layer", flags.layer, "Channel layer")
      ->check(CLI::IsMember({"core", "pubsub"}));
  program.add_option("--prefix", flags.prefix, "Prefix of the channel layer");
  program.add_option("--capacity", flags.capacity, "Messages in an inbox");
  program.add_option("--count", flags.count, "Messages to take");
  program.add_option("--timeout", flags.timeout, "Seconds to wait (10), or to live (300, none)");
  program.add_option("--queue", flags.queue, "Queue of tasks");
  program.add_option("--visibility-timeout", flags.visibility_timeout,
                     "Seconds after which what a dead worker of Celery's held is given back");
  program.add_option("--concurrency", flags.concurrency, "Tasks that a worker runs at once");
  program.add_option("--seconds", flags.seconds, "A worker ends after that");
  program.add_option("--key-prefix", flags.key_prefix, "KEY_PREFIX of the cache");
  program.add_option("--version", flags.version, "VERSION of the cache");
  program.add_option("--compressor", flags.compressor, "Compressor of the cache")
      ->check(CLI::IsMember({"zlib", "identity"}));
  program.add_option("--secret-key", flags.secret_key, "SECRET_KEY of the Django site");
  program.add_option("--password-field", flags.password_field, "The user's password column");
}

std::string usage(const std::vector<Command>& commands) {
  std::string text = "commands:\n";
  for (const Command& command : commands) {
    text += "  " + command.name + " " + command.arguments + "\n";
  }
  return text;
}

awaitable<int> with_redis(Peer& peer, const Command& command, Words arguments) {
  TaskGroup tasks(peer.redis.executor(), [](const std::string&, std::exception_ptr) {});
  tasks.spawn("redis", peer.redis.run());
  int status = 1;
  std::exception_ptr failure;
  try {
    status = co_await command.run(peer, std::move(arguments));
  } catch (...) {
    failure = std::current_exception();
  }
  tasks.cancel();
  co_await tasks.join();
  if (failure) std::rethrow_exception(failure);
  co_return status;
}

int run(const Flags& flags, const Command& command, Words arguments) {
  const result<redis::Url> url = redis::parse_url(flags.redis);
  if (!url) throw PythonError("ValueError");
  const SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  const Env env{clock, random, Logger(LogFormat::human, LogLevel::warn), metrics};
  net::io_context io{1};
  redis::ClientOptions options;
  options.url = *url;
  options.client_name = "seendr-peer";
  redis::Client redis(env, io.get_executor(), options);
  Peer peer{env, flags, redis};

  int status = 1;
  std::exception_ptr failure;
  net::co_spawn(io, with_redis(peer, command, std::move(arguments)),
                [&](std::exception_ptr error, int value) {
                  failure = error;
                  status = value;
                  io.stop();  // Timers of the client need not go off.
                });
  io.run();
  if (failure) std::rethrow_exception(failure);
  return status;
}

int run_printing_errors(const Flags& flags, const Command& command, Words arguments) {
  try {
    return run(flags, command, std::move(arguments));
  } catch (const PythonError& error) {
    print(error.line);
  } catch (const redis::ServerError& error) {
    print({{"error", "ResponseError"}, {"detail", error.what()}});
  } catch (const system_error& error) {
    print({{"error", "ConnectionError"}, {"detail", error.what()}});
  } catch (const std::exception& error) {  // A number or a text where there should be another.
    print({{"error", "ValueError"}, {"detail", error.what()}});
  }
  return 1;
}

int main(int argc, char** argv) {
  const std::vector<Command> commands = all_commands();
  Flags flags;
  CLI::App program("Seendr's building blocks from a shell", "seendr-peer");
  program.footer(usage(commands));
  program.prefix_command();
  add_flags(program, flags);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : 2;
  }
  Words words = program.remaining();
  for (const Command& command : commands) {
    if (words.empty() || words.front() != command.name) continue;
    words.erase(words.begin());
    if (words.size() >= command.least && words.size() <= command.most) {
      return run_printing_errors(flags, command, std::move(words));
    }
    std::cerr << "usage: seendr-peer [flags] " << command.name << " " << command.arguments << "\n";
    return 2;
  }
  std::cerr << "usage: seendr-peer [flags] command ...\n" << usage(commands);
  return 2;
}

template <class Change>
Json changed(Json value, const Change& change) {
  if (value.is_structured()) {
    for (auto& element : value) element = changed(std::move(element), change);
  }
  return change(std::move(value));
}

}  // namespace

void print(const Json& line) {
  print_text(line.dump());
}

void print_text(const std::string& json) {
  std::cout << json << std::endl;
}

Json parse(const std::string& text) {
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) throw PythonError("ValueError");
  return value;
}

Json with_bytes(Json value) {
  return changed(std::move(value), [](Json one) -> Json {
    if (!one.is_object() || one.size() != 1 || !one.contains(kBytes)) return one;
    const std::optional<std::string> raw = from_base64(one[kBytes].get<std::string>());
    if (!raw) throw PythonError("ValueError");
    return Json::binary(std::vector<std::uint8_t>(raw->begin(), raw->end()));
  });
}

Json without_bytes(Json value) {
  return changed(std::move(value), [](Json one) -> Json {
    if (!one.is_binary()) return one;
    const auto& raw = one.get_binary();
    return {{kBytes, to_base64(Bytes(raw.data(), raw.size()))}};
  });
}

}  // namespace seendr::peer

int main(int argc, char** argv) {
  return seendr::peer::main(argc, argv);
}
