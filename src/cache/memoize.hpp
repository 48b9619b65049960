// A cached function: awaited like the function itself, keyed by its arguments.
//
//   Memoized<std::optional<Profile>, UserId> profile(cache, options, load);   // load: function
//   const std::optional<Profile> found = co_await profile(id);
//   co_await profile.invalidate(id);
#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "cache/cache.hpp"

namespace seendr::cache {

// What an argument is in a key: injective for its type, without ':' and ','. A type of your own
// gets an overload in its namespace, made of these.
std::string key_part(std::string_view text);  // Percent-encoded.
inline std::string key_part(const std::string& text) {
  return key_part(std::string_view(text));
}
inline std::string key_part(const char* text) {
  return key_part(std::string_view(text));
}
template <std::integral T>
std::string key_part(T value) {
  return std::to_string(value);
}
template <class T>
requires std::is_enum_v<T> std::string key_part(T value) {
  return std::to_string(static_cast<std::underlying_type_t<T>>(value));
}
inline std::string key_part(UserId id) {
  return id.text();
}
template <class Tag>
std::string key_part(const TextId<Tag>& id) {
  return key_part(std::string_view(id.text()));
}
template <class T>
std::string key_part(const std::optional<T>& value) {
  return value ? "+" + key_part(*value) : "-";
}
template <class T>
std::string key_part(const std::vector<T>& values) {
  std::string out = std::to_string(values.size());
  for (const T& value : values) out += "," + key_part(std::string_view(key_part(value)));
  return out;
}

// "name:part:part"; from 200 bytes on the parts are replaced by their SHA-256.
std::string memo_key(std::string_view name, const std::vector<std::string>& parts);

struct MemoOptions {
  std::string name;  // The first part of every key, and the class of the counts: one a function.
  LoadOptions load;
};

template <class Result, class... Args>
class Memoized {
 public:
  using Function = std::function<awaitable<Result>(Args...)>;
  using Tags = std::function<std::vector<std::string>(const Args&...)>;

  // `cache` must outlive it, and what `function` refers to must outlive the cache's close().
  // `tags` says what the result for some arguments depends on, besides MemoOptions::load.tags.
  // A Result of std::optional<T> is kept also when it is nullopt, for LoadOptions::negative_ttl.
  Memoized(Cache& cache, MemoOptions options, Function function, Tags tags = {})
      : cache_(cache),
        options_(std::move(options)),
        function_(std::move(function)),
        tags_(std::move(tags)) {}

  // Throws as Cache::get_or_load does.
  awaitable<Result> operator()(Args... args) {
    LoadOptions options = options_.load;
    if (tags_) {
      for (std::string& tag : tags_(args...)) options.tags.push_back(std::move(tag));
    }
    Key named(key(args...));
    std::function<awaitable<Result>()> load = [function = function_, args...] {
      return function(args...);
    };
    return cache_.get_or_load<Result>(std::move(named), std::move(options), std::move(load));
  }

  // The next call with these arguments runs the function.
  awaitable<bool> invalidate(Args... args) { return cache_.remove(Key(key(args...))); }

  std::string key(const Args&... args) const {
    return memo_key(options_.name, std::vector<std::string>{key_part(args)...});
  }

 private:
  Cache& cache_;
  MemoOptions options_;
  Function function_;
  Tags tags_;
};

}  // namespace seendr::cache
