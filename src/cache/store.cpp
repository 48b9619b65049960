#include "cache/store.hpp"

#include "cache/abandon.lua.hpp"
#include "cache/acquire.lua.hpp"
#include "cache/add.lua.hpp"
#include "cache/finish.lua.hpp"
#include "cache/marks.lua.hpp"
#include "cache/move.lua.hpp"
#include "cache/value_format.hpp"
#include "cache/write.lua.hpp"
#include "codec/crypto.hpp"
#include "codec/text.hpp"
#include "redis/check.hpp"
#include "runtime/sleep.hpp"

namespace seendr::cache {

namespace {

constexpr std::size_t kWriteBatch = 256;  // Values in one script: it keeps others waiting.
constexpr std::size_t kScanCount = 512;   // Keys looked at in one step of SCAN.
constexpr std::size_t kMaxFailure = 200;

// A lifetime as the scripts take it.
std::string px_of(Millis ttl, Millis stale) {
  if (ttl == kForever) return "0";
  if (ttl.count() <= 0) return "-1";
  return std::to_string((ttl + stale).count());
}

std::string condition_text(Condition condition) {
  switch (condition) {
    case Condition::none:
      return "";
    case Condition::absent:
      return "NX";
    case Condition::present:
      return "XX";
  }
  return "";
}

}  // namespace

Store::Store(const Env& env, redis::Client& client, CacheOptions options, Probe& probe)
    : env_(env),
      client_(client),
      options_(std::move(options)),
      probe_(probe),
      keys_(options_.prefix, options_.version),
      memory_(options_.memory),
      write_(kWriteLua),
      add_(kAddLua),
      move_(kMoveLua),
      marks_(kMarksLua),
      acquire_(kAcquireLua),
      finish_(kFinishLua),
      abandon_(kAbandonLua) {
  if (options_.memory.limit_bytes > 0) tracking_.emplace(env, client, memory_);
}

awaitable<void> Store::run() {
  if (tracking_) {
    co_await tracking_->run();
  } else {
    Timer never(client_.executor(), Timer::time_point::max());
    co_await never.async_wait(use_awaitable);
  }
}

awaitable<redis::Reply> Store::run_script(const redis::Script& script,
                                          std::vector<std::string> keys,
                                          std::vector<std::string> arguments) {
  co_return co_await script.run(client_, keys, arguments, options_.redis_limit);
}

// The key of a value, its meta key and its lease.
std::vector<std::string> Store::keys_of(const Key& key) const {
  const std::string value = keys_.value(key);
  return {value, keys_.meta(value), keys_.lease(value)};
}

std::string Store::packed(const Write& write) const {
  return write.form == Form::raw ? write.text : pack(write.text, options_.compress_above);
}

// Our own writes need no word from Redis.
void Store::forget(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) memory_.drop(key);
  probe_.memory(memory_.bytes());
}

awaitable<std::size_t> Store::write(std::vector<Write> writes, Condition condition) {
  std::size_t count = 0;
  for (std::size_t begin = 0; begin < writes.size(); begin += kWriteBatch) {
    std::vector<std::string> keys;
    std::vector<std::string> arguments{condition_text(condition)};
    for (std::size_t i = begin; i < std::min(begin + kWriteBatch, writes.size()); ++i) {
      const Write& write = writes[i];
      for (std::string& key : keys_of(write.key)) keys.push_back(std::move(key));
      std::string bytes = packed(write);
      std::string meta = write.meta.empty() ? std::string() : encode(write.meta, bytes);
      probe_.of(write.key.name).bytes_written.Increment(static_cast<double>(bytes.size()));
      arguments.push_back(std::move(bytes));
      arguments.push_back(px_of(write.ttl, write.meta.stale));
      arguments.push_back(std::move(meta));
    }
    forget(keys);
    const redis::Reply reply = co_await run_script(write_, keys, std::move(arguments));
    forget(keys);
    count += static_cast<std::size_t>(reply.as_int());
  }
  co_return count;
}

awaitable<std::optional<std::int64_t>> Store::add(Key key, std::int64_t by) {
  const std::string value = keys_.value(key);
  std::vector<std::string> keys{value, keys_.lease(value)};
  std::vector<std::string> arguments{std::to_string(by)};
  forget(keys);
  const redis::Reply reply = co_await run_script(add_, keys, std::move(arguments));
  forget(keys);
  if (reply.is_nil()) co_return std::nullopt;
  co_return reply.as_int();
}

awaitable<bool> Store::move(Key from, Key to) {
  std::vector<std::string> keys = keys_of(from);
  for (std::string& key : keys_of(to)) keys.push_back(std::move(key));
  std::vector<std::string> arguments;
  forget(keys);
  const redis::Reply reply = co_await run_script(move_, keys, std::move(arguments));
  forget(keys);
  co_return reply.as_int() == 1;
}

awaitable<bool> Store::touch(Key key, Millis ttl) {
  const std::vector<std::string> keys = keys_of(key);
  redis::Command look("MGET", keys[0], keys[1]);
  const redis::Reply values = co_await client_.exec(std::move(look), options_.redis_limit);
  const redis::Reply& value = values.as_array().at(0);
  const redis::Reply& meta = values.as_array().at(1);
  if (value.is_nil()) co_return false;
  std::optional<Meta> known;
  if (!meta.is_nil()) known = decode_meta(meta.text(), value.text());

  redis::Pipeline commands;
  for (const std::string& target : {keys[0], keys[1]}) {
    if (ttl == kForever) {
      commands.add("PERSIST", target);
    } else {
      commands.add("PEXPIRE", target, (ttl + (known ? known->stale : Millis(0))).count());
    }
  }
  commands.add("EXISTS", keys[0]);
  forget(keys);
  const auto replies = co_await client_.exec(std::move(commands), options_.redis_limit);
  forget(keys);
  redis::throw_if_error(replies);
  co_return replies[2].as_int() == 1;
}

awaitable<std::optional<Millis>> Store::ttl(Key key) {
  Wanted wanted{std::move(key), Form::raw, nullptr, {}, false};
  const Found found = co_await read(std::move(wanted));
  if (found.state != Found::State::fresh) co_return std::nullopt;
  co_return found.fresh_for;
}

awaitable<Marks> Store::marks(std::vector<std::string> tags, Millis ttl) {
  Marks marks;
  if (tags.empty()) co_return marks;
  std::vector<std::string> keys;
  keys.reserve(tags.size());
  for (const std::string& tag : tags) keys.push_back(keys_.tag(tag));
  std::vector<std::string> arguments{to_hex(bytes(random_bytes(env_.random, 12))),
                                     px_of(ttl, options_.load_limit)};
  const redis::Reply tokens = co_await run_script(marks_, std::move(keys), std::move(arguments));
  for (std::size_t i = 0; i < tags.size(); ++i) {
    marks.emplace(std::move(tags[i]), tokens.as_array().at(i).text());
  }
  co_return marks;
}

awaitable<void> Store::invalidate(std::vector<std::string> tags) {
  if (tags.empty()) co_return;
  std::vector<std::string> keys;
  keys.reserve(tags.size());
  for (const std::string& tag : tags) keys.push_back(keys_.tag(tag));
  redis::Command unlink("UNLINK");
  unlink.args(keys);
  unlink.repeatable();
  forget(keys);
  co_await client_.exec(std::move(unlink), options_.redis_limit);
  forget(keys);
}

awaitable<Page> Store::scan(std::string pattern, int version, std::string cursor) {
  redis::Command scan("SCAN", cursor, "MATCH", keys_.pattern(pattern, version), "COUNT",
                      kScanCount);
  const redis::Reply reply = co_await client_.exec(std::move(scan), options_.redis_limit);
  Page page;
  page.next = reply.as_array().at(0).text();
  for (const redis::Reply& key : reply.as_array().at(1).as_array()) {
    page.names.push_back(keys_.name(key.text(), version));
  }
  co_return page;
}

awaitable<Store::Turn> Store::acquire(Key key, std::string token) {
  const std::string value = keys_.value(key);
  std::vector<std::string> keys{keys_.lease(value), keys_.failure(value)};
  std::vector<std::string> arguments{std::move(token), std::to_string(options_.load_limit.count())};
  redis::Command acquire = acquire_.command(keys, arguments);
  acquire.repeatable();
  const redis::Reply reply =
      co_await acquire_.run_command(client_, std::move(acquire), options_.redis_limit);
  if (reply.kind() != redis::Reply::Kind::integer) co_return Turn::failed;
  co_return reply.as_int() == 1 ? Turn::mine : Turn::theirs;
}

awaitable<bool> Store::finish(Write loaded, std::string token) {
  std::vector<std::string> keys = keys_of(loaded.key);
  std::string bytes = packed(loaded);
  std::string meta = encode(loaded.meta, bytes);
  probe_.of(loaded.key.name).bytes_written.Increment(static_cast<double>(bytes.size()));
  std::vector<std::string> arguments{std::move(token), std::move(bytes),
                                     px_of(loaded.ttl, loaded.meta.stale), std::move(meta)};
  for (const auto& [tag, mark] : loaded.meta.marks) {
    keys.push_back(keys_.tag(tag));
    arguments.push_back(mark);
  }
  forget(keys);
  const redis::Reply reply = co_await run_script(finish_, keys, std::move(arguments));
  forget(keys);
  co_return reply.as_int() == 1;
}

awaitable<void> Store::abandon(Key key, std::string token, std::string failure) {
  const std::string value = keys_.value(key);
  std::vector<std::string> keys{keys_.lease(value), keys_.failure(value)};
  std::vector<std::string> arguments{std::move(token), failure.substr(0, kMaxFailure),
                                     std::to_string(options_.back_off.count())};
  co_await run_script(abandon_, std::move(keys), std::move(arguments));
}

}  // namespace seendr::cache
