#include "redis/script.hpp"

#include <array>

#include <openssl/evp.h>

namespace seendr::redis {

namespace {

std::string sha1_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(std::size_t{2} * size);
  for (unsigned i = 0; i < size; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

// The same call, with the text of the script instead of its hash.
Command with_text(const Command& evalsha, const std::string& text) {
  const std::vector<std::string_view> words = evalsha.words();
  Command eval("EVAL", text);
  for (std::size_t i = 2; i < words.size(); ++i) eval.arg(words[i]);
  if (evalsha.is_repeatable()) eval.repeatable();
  return eval;
}

}  // namespace

Script::Script(std::string_view lua) : text_(lua), sha_(sha1_hex(lua)) {}

awaitable<Reply> Script::run(Client& client, const std::vector<std::string>& keys,
                             const std::vector<std::string>& argv) const {
  return run_command(client, command(keys, argv), client.options().command_timeout);
}

awaitable<Reply> Script::run(Client& client, const std::vector<std::string>& keys,
                             const std::vector<std::string>& argv, Millis timeout) const {
  return run_command(client, command(keys, argv), timeout);
}

Command Script::command(const std::vector<std::string>& keys,
                        const std::vector<std::string>& argv) const {
  Command evalsha("EVALSHA", sha_, keys.size());
  evalsha.args(keys);
  evalsha.args(argv);
  return evalsha;
}

awaitable<void> Script::load(Client& client) const {
  Command load("SCRIPT", "LOAD", text_);
  load.repeatable();
  co_await client.exec(std::move(load));
}

awaitable<Reply> Script::run_command(Client& client, Command evalsha, Millis timeout) const {
  bool unknown = false;
  try {
    co_return co_await client.exec(evalsha, timeout);
  } catch (const ServerError& error) {
    unknown = error.kind() == "NOSCRIPT";
    if (!unknown) throw;
  }
  Command eval = with_text(evalsha, text_);
  co_return co_await client.exec(std::move(eval), timeout);
}

}  // namespace seendr::redis
