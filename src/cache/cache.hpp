// A cache in Redis that Django shares, with a level in the process and one load for all who miss.
//
// Values are what django-redis stores with its JSON serializer: typed.hpp says which types, and
// docs/cache.md what is guaranteed and what is kept beside them.
//
//   const auto name = co_await cache.get<std::string>("name:7");
//   std::function<awaitable<Profile>()> load = [this, id] { return users_.profile(id); };
//   const Profile profile = co_await cache.get_or_load<Profile>(key, options, load);
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cache/error.hpp"
#include "cache/loads.hpp"
#include "cache/store.hpp"

namespace seendr::cache {

// The names that match a pattern, a batch at a time:
//
//   KeyScan scan = cache.keys("user:*");
//   while (!scan.done()) {
//     const std::vector<std::string> names = co_await scan.next();
class KeyScan {
 public:
  KeyScan(Store& store, std::string pattern, int version)
      : store_(&store), pattern_(std::move(pattern)), version_(version) {}

  // May be empty before the end, and repeat a name; what is written meanwhile may be missed.
  awaitable<std::vector<std::string>> next();
  bool done() const { return done_; }

 private:
  Store* store_;
  std::string pattern_;
  int version_;
  std::string cursor_ = "0";
  bool done_ = false;
};

// Used on one executor, that of the client. Every call throws what redis::Client throws, after
// CacheOptions::redis_limit at the latest, but for get_or_load.
class Cache {
 public:
  // The client must outlive the cache. With a level in the process it must serve nobody else: all
  // that it reads is tracked. close() must have ended before the cache is destroyed.
  Cache(const Env& env, redis::Client& client, CacheOptions options);
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  // Hears of changes, until it is cancelled; the level in the process works while this runs.
  awaitable<void> run();

  // Ends loads under way, gives their leases back. Afterwards get_or_load throws Errc::stopped.
  awaitable<void> close();

  // nullopt when absent, expired, invalidated, or not a T. If the value depends on tags, name them:
  // else an invalidation may be missed once Redis has evicted what is kept beside the value.
  template <class T>
  awaitable<std::optional<T>> get(Key key) {
    std::vector<std::string> tags;
    co_return co_await get<T>(std::move(key), std::move(tags));
  }
  template <class T>
  awaitable<std::optional<T>> get(Key key, std::vector<std::string> tags) {
    Wanted wanted{std::move(key), Typed<T>::kForm, readable_as<T>, std::move(tags), true};
    const std::optional<std::string> text = co_await read(std::move(wanted));
    if (!text) co_return std::nullopt;
    co_return Typed<T>::decode(*text);
  }

  // By name; what is absent is left out.
  template <class T>
  awaitable<std::map<std::string, T>> get_many(std::vector<std::string> names) {
    std::vector<Wanted> wanted;
    wanted.reserve(names.size());
    for (const std::string& name : names) {
      wanted.push_back(Wanted{name, Typed<T>::kForm, readable_as<T>, {}, true});
    }
    const std::map<std::string, std::string> texts = co_await read_many(std::move(wanted));
    std::map<std::string, T> values;
    for (const auto& [name, text] : texts) {
      std::optional<T> value = Typed<T>::decode(text);
      if (value) values.emplace(name, std::move(*value));
    }
    co_return values;
  }

  // Stores for the cache's lifetime, or for `ttl`, or as the options say.
  template <class T>
  awaitable<void> set(Key key, T value) {
    return put(made(std::move(key), value), WriteOptions());
  }
  template <class T>
  awaitable<void> set(Key key, T value, Millis ttl) {
    WriteOptions options;
    options.ttl = ttl;
    return put(made(std::move(key), value), std::move(options));
  }
  template <class T>
  awaitable<void> set(Key key, T value, WriteOptions options) {
    return put(made(std::move(key), value), std::move(options));
  }

  // Stores only if there is no such key (what is kept stale counts as there); whether it did.
  template <class T>
  awaitable<bool> add(Key key, T value, WriteOptions options) {
    Write write = made(std::move(key), value);
    co_return co_await put(std::move(write), std::move(options), Condition::absent);
  }

  // Stores only if there is such a key; whether it did.
  template <class T>
  awaitable<bool> replace(Key key, T value, WriteOptions options) {
    Write write = made(std::move(key), value);
    co_return co_await put(std::move(write), std::move(options), Condition::present);
  }

  // In batches, each of them at once.
  template <class T>
  awaitable<void> set_many(std::map<std::string, T> values, WriteOptions options) {
    std::vector<Write> writes;
    for (const auto& [name, value] : values) writes.push_back(made(name, value));
    co_await put_many(std::move(writes), std::move(options));
  }

  // Whether it was there.
  awaitable<bool> remove(Key key);
  awaitable<std::size_t> remove_many(std::vector<std::string> names);

  // Glob as Redis': *, ?, [a-z]. Batches of SCAN and UNLINK: others are not kept waiting, and what
  // is written meanwhile may stay. Returns how many were removed.
  awaitable<std::size_t> remove_pattern(std::string pattern);
  KeyScan keys(std::string pattern);

  awaitable<bool> contains(Key key);

  // A new lifetime; false when there is no such key.
  awaitable<bool> touch(Key key, Millis ttl);

  // What is left of it; kForever, or nullopt when there is no such value.
  awaitable<std::optional<Millis>> ttl(Key key);

  // Adds to an integer and returns the sum; its lifetime stays. nullopt when there is no such key.
  // Throws redis::ServerError when it is no integer of 64 bits.
  awaitable<std::optional<std::int64_t>> incr(Key key, std::int64_t by = 1);
  awaitable<std::optional<std::int64_t>> decr(Key key, std::int64_t by = 1);

  // Moves a value to a higher version of its key; the new version, nullopt when there is none.
  awaitable<std::optional<int>> incr_version(Key key, int by = 1);

  // Makes every value written with the tag absent, however many there are, in one step.
  awaitable<void> invalidate_tag(std::string tag);
  awaitable<void> invalidate_tags(std::vector<std::string> tags);

  // The value of `key`; if it is absent, loads it once for all who ask, in this process and others,
  // and stores it. A write or removal that ended before the call is never unseen by it.
  // `load` may run longer than the call, so it must not borrow from the caller.
  // Throws what `load` throws, for all who wait; then, for back_off, that again or
  // Errc::load_failed. Throws Errc::wait_timeout, overloaded, stopped. Without Redis it loads.
  template <class T>
  awaitable<T> get_or_load(Key key, LoadOptions options, std::function<awaitable<T>()> load) {
    Wanted wanted{std::move(key), Typed<T>::kForm, readable_as<T>, options.tags,
                  options.from_memory};
    std::optional<std::string> text = loads_.recall(wanted, options);
    if (!text) {
      Loads::Load encoded = [load = std::move(load)] {
        return encode_loaded<T>(load);
      };
      Loads::Request request{std::move(wanted), std::move(options), std::move(encoded)};
      text = co_await loads_.get(std::move(request));
    }
    std::optional<T> value = Typed<T>::decode(*text);
    if (!value) throw system_error(make_error_code(Errc::wrong_type));
    co_return std::move(*value);
  }

  // Since the process began, by class of keys: see probe.hpp. Of the classes that this cache has
  // met, and of those it was told of: others of the process may have met them alone.
  std::map<std::string, Counts> counts() const { return probe_.counts(); }
  void expect_class(const std::string& key_class) { probe_.of(key_class + ":"); }

  // Bytes in the level in the process.
  std::size_t memory_bytes() const { return store_.memory().bytes(); }
  const CacheOptions& options() const { return store_.options(); }

 private:
  template <class T>
  static Write made(Key key, const T& value) {
    return Write{std::move(key), Typed<T>::encode(value), Typed<T>::kForm, Millis(0), {}};
  }

  template <class T>
  static awaitable<Loaded> encode_loaded(std::function<awaitable<T>()> load) {
    const T value = co_await load();
    Loaded loaded;
    loaded.text = Typed<T>::encode(value);
    loaded.absent = Typed<T>::is_absent(value);
    co_return loaded;
  }

  awaitable<std::optional<std::string>> read(Wanted wanted);
  awaitable<std::map<std::string, std::string>> read_many(std::vector<Wanted> wanted);
  awaitable<void> put(Write write, WriteOptions options);
  awaitable<bool> put(Write write, WriteOptions options, Condition condition);
  awaitable<void> put_many(std::vector<Write> writes, WriteOptions options);
  void count(const Key& key, const Found& found);

  Probe probe_;
  Store store_;
  Loads loads_;
};

}  // namespace seendr::cache
