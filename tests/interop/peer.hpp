// seendr-peer: the building blocks as commands, so that scripts can set them against the Python
// packages they share data with.
//
// A command prints one JSON object a line on stdout. A byte string is {"__bytes__": "<base64>"} in
// arguments and in output. Where a Python package would raise, {"error": "<exception's name>"} is
// printed and the exit status is 1; wrong usage is 2.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/env.hpp"
#include "redis/client.hpp"
#include "runtime/net.hpp"

namespace seendr::peer {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

struct Flags {
  std::string redis = "redis://127.0.0.1:6379/0";
  std::string layer = "core";
  std::string prefix = "asgi";
  std::size_t capacity = 100;
  std::size_t count = 1;
  std::optional<std::string> timeout;  // Seconds; "none" for a cached value that stays.
  std::string queue = "celery";
  double visibility_timeout = 3600;  // Seconds.
  std::size_t concurrency = 100;
  double seconds = 0;  // After which a worker ends; 0: when it is told to.
  std::string key_prefix;
  int version = 1;
  std::string compressor = "zlib";
  std::string secret_key = "interop-secret";
  std::string password_field = "md5$salt$67a1e09bb1f83f5007dc119c14d663aa";
};

// What a command works with; outlives its coroutine.
struct Peer {
  const Env& env;
  const Flags& flags;
  redis::Client& redis;
};

struct Command {
  std::string name;
  std::string arguments;  // For the usage text: "KEY [N]".
  std::size_t least = 0;  // Arguments it takes.
  std::size_t most = 0;
  awaitable<int> (*run)(Peer& peer, Words arguments) = nullptr;  // Returns the exit status.
};

std::vector<Command> channel_commands();
std::vector<Command> session_commands();
std::vector<Command> cache_commands();
std::vector<Command> task_commands();

// What becomes an {"error": name} line.
class PythonError : public std::runtime_error {
 public:
  explicit PythonError(const std::string& name, Json more = Json::object())
      : std::runtime_error(name), line(std::move(more)) {
    line["error"] = name;
  }

  Json line;
};

void print(const Json& line);
void print_text(const std::string& json);

// A JSON argument; throws PythonError("ValueError").
Json parse(const std::string& text);

// {"__bytes__": ...} into binary values, and back.
Json with_bytes(Json value);
Json without_bytes(Json value);

}  // namespace seendr::peer
