#include "auth/django_sessions.hpp"

#include <algorithm>

#include "auth/django_login.hpp"
#include "auth/keys.hpp"
#include "cache/value_format.hpp"
#include "redis/check.hpp"
#include "redis/error.hpp"

namespace seendr::auth {

namespace {

constexpr std::string_view kExpiry = "_session_expiry";
constexpr int kAttempts = 3;  // 32 random characters are never somebody's already.
constexpr double kLongest = 10.0 * 366 * 86'400;  // Seconds; keeps the milliseconds an integer.

}  // namespace

DjangoSessions::DjangoSessions(const Env& env, redis::Client& redis, DjangoSessionOptions options)
    : env_(env), redis_(redis), options_(std::move(options)) {}

std::string DjangoSessions::redis_key(const std::string& key) const {
  return django_session_key(options_.key_prefix, options_.version, key);
}

std::string DjangoSessions::packed(const json::object& data) const {
  return cache::pack(json::serialize(data), options_.compress_above);
}

std::int64_t DjangoSessions::life_ms(const json::object& data) const {
  double seconds = static_cast<double>(options_.age.count());
  const json::value* expiry = data.if_contains(kExpiry);
  if (expiry && expiry->is_number()) {
    const auto wanted = expiry->to_number<double>();
    if (wanted > 0) seconds = std::min(wanted, kLongest);
  }
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(seconds * 1000));
}

awaitable<std::optional<json::object>> DjangoSessions::read(std::string key) {
  std::vector<std::string> keys;
  keys.push_back(std::move(key));
  const std::vector<std::optional<json::object>> found = co_await read_many(std::move(keys));
  co_return found.front();
}

awaitable<std::vector<std::optional<json::object>>> DjangoSessions::read_many(
    std::vector<std::string> keys) {
  std::vector<std::optional<json::object>> found(keys.size());
  redis::Pipeline reads;
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!is_django_key(keys[i])) continue;
    reads.add(redis::Command("GET", redis_key(keys[i])));
    asked.push_back(i);
  }
  if (asked.empty()) co_return found;
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(reads));
  redis::throw_if_error(replies);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const std::string* stored = replies[i].as_string();
    if (!stored) continue;
    const std::optional<std::string> text = cache::unpack(*stored, options_.limit);
    if (text) found[asked[i]] = json::parse_object(*text);
  }
  co_return found;
}

awaitable<std::string> DjangoSessions::create(json::object data) {
  const std::string value = packed(data);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string key = new_django_key(env_.random);
    redis::Command set("SET", redis_key(key), value, "PX", life_ms(data), "NX");
    const redis::Reply stored = co_await redis_.exec(std::move(set));
    if (!stored.is_nil()) co_return key;
  }
  throw system_error(make_error_code(redis::Errc::bad_reply), "every new session key is taken");
}

awaitable<bool> DjangoSessions::save(std::string key, json::object data) {
  redis::Command set("SET", redis_key(key), packed(data), "XX");
  const json::value* expiry = data.if_contains(kExpiry);
  if (expiry && expiry->is_string()) {
    set.arg("KEEPTTL");
  } else {
    set.arg("PX").arg(life_ms(data));
  }
  const redis::Reply stored = co_await redis_.exec(std::move(set));
  co_return !stored.is_nil();
}

awaitable<bool> DjangoSessions::end(std::string key) {
  redis::Command remove("DEL", redis_key(key));
  const redis::Reply removed = co_await redis_.exec(std::move(remove));
  co_return removed.as_int() > 0;
}

}  // namespace seendr::auth
