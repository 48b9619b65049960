// cache_get, cache_set, cache_add, cache_incr, cache_delete, cache_keys: django-redis' cache.
#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "cache/cache.hpp"

#include "interop/peer.hpp"

namespace seendr::peer {

// JSON as it is written: numbers of any size and precision come back as they were.
struct JsonText {
  std::string text;
};

}  // namespace seendr::peer

template <>
struct seendr::cache::Typed<seendr::peer::JsonText> {
  static constexpr Form kForm = Form::json;

  static std::string encode(const peer::JsonText& value) { return value.text; }
  static std::optional<peer::JsonText> decode(std::string_view text) {
    if (!peer::Json::accept(text)) return std::nullopt;
    return peer::JsonText{std::string(text)};
  }
  static bool is_absent(const peer::JsonText&) { return false; }
};

namespace seendr::peer {

namespace {

cache::CacheOptions options_of(const Flags& flags) {
  cache::CacheOptions options;
  options.prefix = flags.key_prefix;
  options.version = flags.version;
  options.compress_above = 15;  // As django-redis.
  if (flags.compressor == "identity") {
    options.compress_above = std::numeric_limits<std::size_t>::max();
  }
  return options;
}

// Zero or less: what is to be stored has ended already.
Millis life_of(const Flags& flags) {
  const std::string text = flags.timeout.value_or("300");
  if (text == "none") return cache::kForever;
  return Millis(static_cast<std::int64_t>(std::stod(text) * 1000));
}

JsonText parse_text(const std::string& text) {
  parse(text);
  const auto first = text.find_first_not_of(" \t\r\n");
  const auto last = text.find_last_not_of(" \t\r\n");
  return JsonText{text.substr(first, last - first + 1)};
}

awaitable<int> cache_get(Peer& peer, Words arguments) {
  cache::Cache cache(peer.env, peer.redis, options_of(peer.flags));
  const std::optional<JsonText> value = co_await cache.get<JsonText>(arguments[0]);
  std::string text = value ? value->text : "null";
  std::replace(text.begin(), text.end(), '\n', ' ');  // Between values: a line is one answer.
  print_text(R"({"found":)" + std::string(value ? "true" : "false") + R"(,"value":)" + text + "}");
  co_await cache.close();
  co_return 0;
}

awaitable<int> cache_set(Peer& peer, Words arguments) {
  JsonText value = parse_text(arguments[1]);
  cache::Cache cache(peer.env, peer.redis, options_of(peer.flags));
  const Millis life = life_of(peer.flags);
  if (life > Millis(0)) {
    co_await cache.set(arguments[0], std::move(value), life);
  } else {
    co_await cache.remove(arguments[0]);
  }
  print({{"ok", true}});
  co_await cache.close();
  co_return 0;
}

awaitable<int> cache_add(Peer& peer, Words arguments) {
  JsonText value = parse_text(arguments[1]);
  cache::Cache cache(peer.env, peer.redis, options_of(peer.flags));
  cache::WriteOptions write;
  write.ttl = life_of(peer.flags);
  bool added = false;
  if (write.ttl > Millis(0)) {
    added = co_await cache.add(arguments[0], std::move(value), write);
  } else {
    const bool there = co_await cache.contains(arguments[0]);
    added = !there;
  }
  print({{"added", added}});
  co_await cache.close();
  co_return 0;
}

awaitable<int> cache_incr(Peer& peer, Words arguments) {
  std::int64_t by = 1;
  if (arguments.size() > 1) {
    const std::string& text = arguments[1];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), by);
    if (error != std::errc() || *end != '\0') throw PythonError("ValueError");
  }
  cache::Cache cache(peer.env, peer.redis, options_of(peer.flags));
  std::optional<std::int64_t> sum;
  bool no_integer = false;
  try {
    sum = co_await cache.incr(arguments[0], by);
  } catch (const redis::ServerError&) {
    no_integer = true;
  }
  co_await cache.close();
  if (no_integer) throw PythonError("TypeError");
  if (!sum) throw PythonError("ValueError");
  print({{"value", *sum}});
  co_return 0;
}

awaitable<int> cache_delete(Peer& peer, Words arguments) {
  cache::Cache cache(peer.env, peer.redis, options_of(peer.flags));
  const bool deleted = co_await cache.remove(arguments[0]);
  print({{"deleted", deleted}});
  co_await cache.close();
  co_return 0;
}

awaitable<int> cache_keys(Peer& peer, Words arguments) {
  cache::Cache cache(peer.env, peer.redis, options_of(peer.flags));
  cache::KeyScan scan = cache.keys(arguments[0]);
  std::set<std::string> names;
  while (!scan.done()) {
    const std::vector<std::string> some = co_await scan.next();
    names.insert(some.begin(), some.end());
  }
  print({{"keys", names}});
  co_await cache.close();
  co_return 0;
}

}  // namespace

std::vector<Command> cache_commands() {
  return {{"cache_get", "KEY", 1, 1, cache_get},       {"cache_set", "KEY JSON", 2, 2, cache_set},
          {"cache_add", "KEY JSON", 2, 2, cache_add},  {"cache_incr", "KEY [N]", 1, 2, cache_incr},
          {"cache_delete", "KEY", 1, 1, cache_delete}, {"cache_keys", "PATTERN", 1, 1, cache_keys}};
}

}  // namespace seendr::peer
