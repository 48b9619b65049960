// The sessions of a Django site that keeps them in its cache, as that site reads and writes them.
//
// Engine django.contrib.sessions.backends.cache over django-redis with the JSON serializer. A
// session is one JSON object; there is no change of a single field, the last writer wins. The
// server only reads them; writing is for tools, and for sites that sign in through Seendr.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/env.hpp"
#include "base/json.hpp"
#include "redis/client.hpp"

namespace seendr::auth {

struct DjangoSessionOptions {
  std::string key_prefix;               // KEY_PREFIX of the cache.
  int version = 1;                      // VERSION of the cache.
  std::chrono::seconds age{1'209'600};  // SESSION_COOKIE_AGE.
  std::size_t compress_above = 15;      // Bytes of JSON; those of the compressor the site uses.
  std::size_t limit = std::size_t{1} << 20;  // Longest session that is read, in bytes of JSON.
};

class DjangoSessions {
 public:
  // Both must outlive it; `redis` is the site's cache.
  DjangoSessions(const Env& env, redis::Client& redis, DjangoSessionOptions options);

  // The session of that cookie. nullopt when there is none (any more), when the key is not of
  // Django's form, and for what is not a JSON object, e.g. pickled.
  awaitable<std::optional<json::object>> read(std::string key);

  // The same for several, in their order, in one round trip.
  awaitable<std::vector<std::optional<json::object>>> read_many(std::vector<std::string> keys);

  // A new session; returns its key. It lives for the positive number of seconds at
  // "_session_expiry", else for `age`.
  awaitable<std::string> create(json::object data);

  // Replaces a session that is still there; false when it has ended: it is not brought back. An
  // expiry that is a date, of Django 4.1 and later, stays what it was.
  awaitable<bool> save(std::string key, json::object data);

  // Whether there was one.
  awaitable<bool> end(std::string key);

 private:
  std::string redis_key(const std::string& key) const;
  std::string packed(const json::object& data) const;
  std::int64_t life_ms(const json::object& data) const;

  Env env_;
  redis::Client& redis_;
  DjangoSessionOptions options_;
};

}  // namespace seendr::auth
