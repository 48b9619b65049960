#include "cache/cache.hpp"

namespace seendr::cache {

awaitable<std::vector<std::string>> KeyScan::next() {
  Page page = co_await store_->scan(pattern_, version_, cursor_);
  cursor_ = std::move(page.next);
  done_ = cursor_ == "0";
  co_return std::move(page.names);
}

Cache::Cache(const Env& env, redis::Client& client, CacheOptions options)
    : probe_(env.metrics), store_(env, client, std::move(options), probe_), loads_(store_) {}

awaitable<void> Cache::run() {
  co_await store_.run();
}

awaitable<void> Cache::close() {
  co_await loads_.close();
}

void Cache::count(const Key& key, const Found& found) {
  Probe::Class& counts = probe_.of(key.name);
  if (found.state != Found::State::fresh) {
    counts.misses.Increment();
  } else {
    (found.from_memory ? counts.memory_hits : counts.redis_hits).Increment();
  }
}

awaitable<std::optional<std::string>> Cache::read(Wanted wanted) {
  const Key key = wanted.key;
  Found found = co_await store_.read(std::move(wanted));
  count(key, found);
  if (found.state != Found::State::fresh) co_return std::nullopt;
  co_return std::move(found.text);
}

awaitable<std::map<std::string, std::string>> Cache::read_many(std::vector<Wanted> wanted) {
  std::vector<Key> keys;
  keys.reserve(wanted.size());
  for (const Wanted& one : wanted) keys.push_back(one.key);
  std::vector<Found> found = co_await store_.read(std::move(wanted));
  std::map<std::string, std::string> texts;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    count(keys[i], found[i]);
    if (found[i].state == Found::State::fresh) texts[keys[i].name] = std::move(found[i].text);
  }
  co_return texts;
}

awaitable<void> Cache::put(Write write, WriteOptions options) {
  co_await put(std::move(write), std::move(options), Condition::none);
}

awaitable<bool> Cache::put(Write write, WriteOptions options, Condition condition) {
  write.ttl = options.ttl == kDefaultTtl ? store_.options().ttl : options.ttl;
  if (condition == Condition::absent && write.ttl.count() <= 0) {
    const bool there = co_await contains(std::move(write.key));  // As django-redis' add().
    co_return !there;
  }
  if (write.ttl.count() > 0) {
    write.meta.marks = co_await store_.marks(std::move(options.tags), write.ttl);
  }
  std::vector<Write> one;
  one.push_back(std::move(write));
  const std::size_t written = co_await store_.write(std::move(one), condition);
  co_return written == 1;
}

awaitable<void> Cache::put_many(std::vector<Write> writes, WriteOptions options) {
  const Millis ttl = options.ttl == kDefaultTtl ? store_.options().ttl : options.ttl;
  const Marks marks = co_await store_.marks(std::move(options.tags), ttl);
  for (Write& write : writes) {
    write.ttl = ttl;
    write.meta.marks = marks;
  }
  co_await store_.write(std::move(writes), Condition::none);
}

awaitable<bool> Cache::remove(Key key) {
  std::vector<Write> one(1);
  one.front().key = std::move(key);
  const std::size_t removed = co_await store_.write(std::move(one), Condition::none);
  co_return removed == 1;
}

awaitable<std::size_t> Cache::remove_many(std::vector<std::string> names) {
  std::vector<Write> writes(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) writes[i].key = std::move(names[i]);
  co_return co_await store_.write(std::move(writes), Condition::none);
}

awaitable<std::size_t> Cache::remove_pattern(std::string pattern) {
  std::size_t removed = 0;
  KeyScan scan = keys(std::move(pattern));
  while (!scan.done()) {
    std::vector<std::string> names = co_await scan.next();
    removed += co_await remove_many(std::move(names));
  }
  co_return removed;
}

KeyScan Cache::keys(std::string pattern) {
  return KeyScan(store_, std::move(pattern), store_.options().version);
}

awaitable<bool> Cache::contains(Key key) {
  const std::optional<Millis> left = co_await store_.ttl(std::move(key));
  co_return left.has_value();
}

awaitable<bool> Cache::touch(Key key, Millis ttl) {
  if (ttl == kDefaultTtl) ttl = store_.options().ttl;
  if (ttl.count() <= 0) {
    co_return co_await remove(std::move(key));
  }
  co_return co_await store_.touch(std::move(key), ttl);
}

awaitable<std::optional<Millis>> Cache::ttl(Key key) {
  return store_.ttl(std::move(key));
}

awaitable<std::optional<std::int64_t>> Cache::incr(Key key, std::int64_t by) {
  return store_.add(std::move(key), by);
}

awaitable<std::optional<std::int64_t>> Cache::decr(Key key, std::int64_t by) {
  return store_.add(std::move(key), -by);
}

awaitable<std::optional<int>> Cache::incr_version(Key key, int by) {
  const int version = key.version.value_or(store_.options().version) + by;
  Key to(key.name, version);
  const bool moved = co_await store_.move(std::move(key), std::move(to));
  if (!moved) co_return std::nullopt;
  co_return version;
}

awaitable<void> Cache::invalidate_tag(std::string tag) {
  std::vector<std::string> tags;
  tags.push_back(std::move(tag));
  co_await store_.invalidate(std::move(tags));
}

awaitable<void> Cache::invalidate_tags(std::vector<std::string> tags) {
  return store_.invalidate(std::move(tags));
}

}  // namespace seendr::cache
