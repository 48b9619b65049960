// How a cache behaves, and how one value is written or loaded.
#pragma once

#include <string>
#include <vector>

#include "base/env.hpp"

namespace seendr::cache {

// Lifetimes. Without an end, Redis keeps a value until it needs the memory; with one that is not
// positive nothing is stored, and what was there is deleted.
inline constexpr Millis kForever = Millis::max();
inline constexpr Millis kDefaultTtl = Millis::min();  // CacheOptions::ttl.

struct MemoryOptions {
  std::size_t limit_bytes = 0;  // Keys, values and their bookkeeping; 0: no level in the process.
  Millis max_age{10'000};       // A value is asked for again after this, however well all goes.
};

struct CacheOptions {
  std::string prefix;   // Django's KEY_PREFIX.
  int version = 1;      // Django's VERSION.
  Millis ttl{300'000};  // Where the caller names none.
  double jitter = 0.1;  // get_or_load shortens a lifetime at random by up to this part.
  std::size_t compress_above = 1024;  // JSON text longer than this many bytes is compressed.
  std::size_t value_limit = std::size_t{16} << 20;  // Longest JSON text that is read, in bytes.
  Millis redis_limit{1000};                         // From a command to its reply.
  Millis load_limit{5000};    // A load, and so the lease of its process, lasts at most this long.
  Millis wait_limit{12'000};  // How long to wait for other processes' loads of a key.
  Millis back_off{1000};      // After a failed load nobody loads that key for so long.
  std::size_t concurrent_loads = 1024;  // Keys being loaded at once by this cache.
  MemoryOptions memory;
};

struct WriteOptions {
  Millis ttl = kDefaultTtl;
  std::vector<std::string> tags;  // See Cache::invalidate_tag.
};

struct LoadOptions {
  Millis ttl = kDefaultTtl;
  Millis negative_ttl{30'000};    // Of the answer that there is no value.
  Millis stale{0};                // An expired value is served this much longer while one loads.
  double early = 1.0;             // XFetch's beta: above 1 values are refreshed earlier; 0: never.
  bool from_memory = true;        // False: Redis is asked even if this process remembers the value.
  std::vector<std::string> tags;  // See Cache::invalidate_tag.
};

}  // namespace seendr::cache
