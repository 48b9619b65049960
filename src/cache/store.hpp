// Values and what belongs to them, in Redis and in the memory of the process; without types.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cache/keys.hpp"
#include "cache/memory.hpp"
#include "cache/meta.hpp"
#include "cache/options.hpp"
#include "cache/probe.hpp"
#include "cache/tracking.hpp"
#include "cache/typed.hpp"
#include "redis/client.hpp"
#include "redis/script.hpp"

namespace seendr::cache {

// What a reader asks for.
struct Wanted {
  Key key;
  Form form = Form::json;
  Readable readable = nullptr;    // What it refuses counts as absent; nullptr: everything is fine.
  std::vector<std::string> tags;  // The value counts only if it was written with these.
  bool from_memory = true;        // False: Redis is asked in any case.
};

struct Found {
  enum class State : std::uint8_t { absent, stale, fresh };

  State state = State::absent;
  std::string text;
  Millis fresh_for{0};  // Until it expires, at most kForever; not positive when stale.
  std::chrono::microseconds load_time{0};
  bool from_memory = false;
};

struct Write {
  Key key;
  std::string text;
  Form form = Form::json;
  Millis ttl{0};  // kForever; not positive: the key is deleted.
  Meta meta;      // Not stored when empty.
};

// A step of a scan. A name may come in two of them.
struct Page {
  std::vector<std::string> names;
  std::string next;  // Where the next step begins; "0" when this was the last.
};

enum class Condition : std::uint8_t { none, absent, present };

// Used on one executor. Throws what redis::Client throws, after CacheOptions::redis_limit at the
// latest.
class Store {
 public:
  // All must outlive the store.
  Store(const Env& env, redis::Client& client, CacheOptions options, Probe& probe);

  awaitable<Found> read(Wanted wanted);
  awaitable<std::vector<Found>> read(std::vector<Wanted> wanted);

  // What the level in the process has; the whole answer if it is there.
  std::optional<Found> recall(const Wanted& wanted);

  // Returns how many were written, or existed and were deleted.
  awaitable<std::size_t> write(std::vector<Write> writes, Condition condition);

  awaitable<std::optional<std::int64_t>> add(Key key, std::int64_t by);
  awaitable<bool> move(Key from, Key to);
  awaitable<bool> touch(Key key, Millis ttl);
  awaitable<std::optional<Millis>> ttl(Key key);

  // The tokens that tags have now, good for values that live for `ttl`.
  awaitable<Marks> marks(std::vector<std::string> tags, Millis ttl);
  awaitable<void> invalidate(std::vector<std::string> tags);

  // One step of SCAN from `cursor`.
  awaitable<Page> scan(std::string pattern, int version, std::string cursor);

  // For loads: docs/cache.md, "One load".
  enum class Turn : std::uint8_t { mine, theirs, failed };
  awaitable<Turn> acquire(Key key, std::string token);
  awaitable<bool> finish(Write loaded, std::string token);  // False: it was not stored.
  awaitable<void> abandon(Key key, std::string token, std::string failure);

  const Env& env() const { return env_; }
  const CacheOptions& options() const { return options_; }
  const Memory& memory() const { return memory_; }
  redis::Client& client() { return client_; }
  Probe& probe() { return probe_; }

  // Listens to Redis for what changed, until cancelled; without it, or without a level in the
  // process, waits for the end.
  awaitable<void> run();

 private:
  struct Reading;

  void forget(const std::vector<std::string>& keys);
  awaitable<std::vector<redis::Reply>> ask(Reading& reading, redis::Pipeline commands);
  awaitable<void> ask_values(Reading& reading);
  awaitable<void> ask_tags(Reading& reading);
  Found judge(Reading& reading, std::size_t index);
  std::optional<std::string> text_of(const Wanted& wanted, const std::string& stored);
  void remember(Reading& reading, std::size_t index, const Found& found);
  void note_unreadable(const Key& key, std::string_view stored);
  std::string packed(const Write& write) const;
  std::vector<std::string> keys_of(const Key& key) const;
  awaitable<redis::Reply> run_script(const redis::Script& script, std::vector<std::string> keys,
                                     std::vector<std::string> arguments);

  Env env_;
  redis::Client& client_;
  CacheOptions options_;
  Probe& probe_;
  Keys keys_;
  Memory memory_;
  std::optional<Tracking> tracking_;
  redis::Script write_, add_, move_, marks_, acquire_, finish_, abandon_;
  bool told_pickled_ = false;
  bool told_unreadable_ = false;
};

}  // namespace seendr::cache
