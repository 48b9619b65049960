// The Redis keys of a cache: Django's for values, our own beside them. docs/redis-keys.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace seendr::cache {

// A name as callers know it; without a version, the cache's.
struct Key {
  Key() = default;
  Key(std::string key_name) : name(std::move(key_name)) {}
  Key(const char* key_name) : name(key_name) {}
  Key(std::string key_name, int key_version) : name(std::move(key_name)), version(key_version) {}

  std::string name;
  std::optional<int> version;
};

class Keys {
 public:
  Keys(std::string prefix, int version) : prefix_(std::move(prefix)), version_(version) {}

  int version(const Key& key) const { return key.version.value_or(version_); }

  // KEY_PREFIX:VERSION:key, wire-formats.md 7.1.
  std::string value(const Key& key) const { return front(version(key)) + key.name; }

  // What belongs to a value, by the key of the value.
  std::string meta(const std::string& value_key) const { return std::string(kMeta) + value_key; }
  std::string lease(const std::string& value_key) const { return std::string(kLease) + value_key; }
  std::string failure(const std::string& value_key) const {
    return std::string(kFailure) + value_key;
  }
  std::string tag(const std::string& tag) const { return std::string(kTag) + prefix_ + ":" + tag; }

  // The key of the value that a changed key belongs to: itself, unless it is a meta() key.
  static std::string value_of(std::string key) {
    return key.starts_with(kMeta) ? key.substr(kMeta.size()) : key;
  }

  // For SCAN: the caller's pattern behind the front, whose own *, ? and [ mean themselves.
  std::string pattern(std::string_view pattern, int version) const {
    std::string out;
    for (const char c : front(version)) {
      if (std::string_view("*?[]\\").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
    out += pattern;
    return out;
  }

  // The name in a key that pattern() matched.
  std::string name(const std::string& value_key, int version) const {
    return value_key.substr(front(version).size());
  }

 private:
  static constexpr std::string_view kMeta = "seendr:cache:meta:";
  static constexpr std::string_view kLease = "seendr:cache:lease:";
  static constexpr std::string_view kFailure = "seendr:cache:failure:";
  static constexpr std::string_view kTag = "seendr:cache:tag:";

  std::string front(int version) const { return prefix_ + ":" + std::to_string(version) + ":"; }

  std::string prefix_;
  int version_;
};

}  // namespace seendr::cache
