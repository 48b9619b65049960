// A Lua script that is called by its hash and loaded when Redis does not know it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "redis/client.hpp"

namespace seendr::redis {

// A value. NOSCRIPT never surfaces from run().
//
//   const Script script(kSlidingWindowLua);
//   const Reply reply = co_await script.run(redis, 1, key, now, window, limit);
class Script {
 public:
  explicit Script(std::string_view lua);

  const std::string& text() const { return text_; }
  const std::string& sha() const { return sha_; }  // SHA-1 in hex, as Redis computes it.

  // Runs the script; the script must outlive the call. Throws what Client::exec throws.
  awaitable<Reply> run(Client& client, const std::vector<std::string>& keys,
                       const std::vector<std::string>& argv) const;
  awaitable<Reply> run(Client& client, const std::vector<std::string>& keys,
                       const std::vector<std::string>& argv, Millis timeout) const;

  // The same with the arguments in place: `key_count` keys first.
  template <class... Args>
  awaitable<Reply> run(Client& client, int key_count, const Args&... arguments) const {
    return run_command(client, Command("EVALSHA", sha_, key_count, arguments...),
                       client.options().command_timeout);
  }

  // The EVALSHA command, for a Pipeline. There an unknown script is an error reply NOSCRIPT:
  // call load() and send the pipeline again.
  Command command(const std::vector<std::string>& keys, const std::vector<std::string>& argv) const;
  awaitable<void> load(Client& client) const;

  // Sends a command made by command().
  awaitable<Reply> run_command(Client& client, Command evalsha, Millis timeout) const;

 private:
  std::string text_;
  std::string sha_;
};

}  // namespace seendr::redis
